import { request } from "node:http";
import type { Call } from "../../local/call-log.ts";
import type { Push } from "../../local/github/events/activity.ts";
import type { GitHubEvent, JobResult, RunResult, StepResult } from "../../local/github/index.ts";
import type { Annotation } from "../../local/github/runner/results.ts";
import type { RunOptions } from "../../local/github/runner/runner.ts";
import { demo } from "../../local/world/demo.ts";
import { startWorld, type World } from "../../local/world/world.ts";

/** Milliseconds that a run of the whole action may take here; it is several times what it takes on an idle machine. */
export const runLimit = 240_000;

/** What came of one event, all workflows that it started included. */
export interface Ran {
  readonly runs: readonly RunResult[];
  /** The action's own step; undefined where the gate job did not get to it. */
  readonly gate: StepResult | undefined;
  readonly gateJob: JobResult | undefined;
  /** Errors that the action itself put on the run. */
  readonly errors: readonly Annotation[];
  /** What the stand-ins answered meanwhile. */
  readonly calls: readonly Call[];
}

/** The demo company, with the built action in front of its site. */
export interface Company {
  readonly world: World;
  /** Runs what these events start. */
  run(events: readonly GitHubEvent[], options?: RunOptions): Promise<Ran>;
  /** A push by somebody who may, and what it starts. */
  push(push: Push): Promise<Ran & { readonly sha: string }>;
  /** A branch with these changes and a pull request for it, and what that starts. */
  pullRequest(
    branch: string,
    files: Push["files"],
    base?: string,
  ): Promise<Ran & { readonly number: number; readonly sha: string }>;
  close(): Promise<void>;
}

export async function startCompany(nonce: string): Promise<Company> {
  const world = await startWorld({ nonce });
  const { github, runner } = world;
  const { repository } = world.demo;
  const run = async (events: readonly GitHubEvent[], options?: RunOptions): Promise<Ran> => {
    const before = world.log.calls.length;
    const runs = await runner.run(events, options);
    const gateJob = runs
      .flatMap(({ jobs }) => jobs)
      .find(({ id, conclusion }) => id === "gate" && conclusion !== "skipped");
    const gate = gateJob?.steps.find(({ id }) => id === "gate");
    const errors = (gate?.annotations ?? []).filter(
      ({ level, properties }) => level === "error" && properties["title"] !== undefined,
    );
    return { runs, gate, gateJob, errors, calls: world.log.calls.slice(before) };
  };
  return {
    world,
    run,
    async push(push) {
      const { sha, events } = await github.activities.push(repository, push);
      return { ...(await run(events)), sha };
    },
    async pullRequest(branch, files, base) {
      const { sha } = await github.activities.push(repository, { branch, files });
      const opened = await github.activities.openPullRequest(repository, {
        branch,
        ...(base === undefined ? {} : { base }),
      });
      return { ...(await run(opened.events)), number: opened.pull.number, sha };
    },
    close: () => world.close(),
  };
}

/** Delays that these tests are not about, gone. */
export function withoutDelays({ entra, cloudflare }: World): void {
  Object.assign(entra.propagation, { redirectUriMs: 0, secretMs: 0, readMs: 0 });
  Object.assign(cloudflare.timing, { deploy: 0, propagation: 0, linger: 0 });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One GET as it is written, without a session unless the headers have one; follows nothing. */
export function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path: pathname + search, headers: { host, ...headers }, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.once("error", reject);
        answer.once("end", () => {
          const { statusCode: status = 0 } = answer;
          resolve({ status, headers: answer.headers, body: Buffer.concat(parts) });
        });
      },
    );
    sent.once("error", reject);
    sent.end();
  });
}

/** Addresses of the demo's project, its deployments and its sign-in host. */
export function addresses(world: World) {
  const { port } = world.cloudflare;
  const at = (name: string) => `http://${name}.localhost:${port}`;
  return {
    production: at(demo.project),
    preview: (pullRequest: number) => at(`pr-${pullRequest}.${demo.project}`),
    deployment: (shortId: string) => at(`${shortId}.${demo.project}`),
    host: at(demo.signInHostProject),
  };
}

/** Deployments of the site that were not deleted, newest last. */
export function living({ cloudflare }: World, project: string = demo.project) {
  return cloudflare.deployments(project).filter(({ deletedAt }) => deletedAt === undefined);
}

/** Everything that a run may change at Entra and Cloudflare, to be compared with itself. */
export function settings({ entra, cloudflare }: World): string {
  const projects = [demo.project, demo.signInHostProject].map((name) => {
    const project = cloudflare.project(name);
    return project && { ...project, deployments: cloudflare.deployments(name).map(({ id }) => id) };
  });
  const application = entra.directory.application(entra.cast.applications.gate.appId);
  return JSON.stringify({ projects, application }, null, 1);
}
