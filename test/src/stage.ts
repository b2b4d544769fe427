import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallLog } from "../../local/call-log.ts";
import { TestClock } from "../../local/clock.ts";
import { type CloudflareStandIn, startCloudflare } from "../../local/cloudflare/cloudflare.ts";
import { type EntraStandIn, startEntra } from "../../local/entra/entra.ts";
import { Faults } from "../../local/faults.ts";
import type { GitHubEvent } from "../../local/github/events/event.ts";
import { type GitHubStandIn, type Repository, startGitHub } from "../../local/github/index.ts";
import type { WorkflowRun } from "../../local/github/state/model.ts";
import { actionsBot } from "../../local/github/state/store.ts";
import { type Level, readPermissions, type Scope } from "../../local/github/tokens/permissions.ts";
import { type ActionContext, createContext, type Surroundings } from "../../src/context.ts";
import { FakeTime, httpWith, type Recorded, recordingLog } from "./support.ts";

export const policy = {
  groups: { reviewers: "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11" },
  roles: ["Site.Admin"],
  preview: { rules: [{ path: "/*", allow: { groups: ["reviewers"] } }] },
  production: { rules: [{ path: "/*", allow: "members" }] },
};

const everything: Partial<Record<Scope, Level>> = {
  contents: "read",
  actions: "read",
  "pull-requests": "write",
  statuses: "write",
  issues: "write",
  deployments: "write",
  "id-token": "write",
};

export const accountId = "0123456789abcdef0123456789abcdef";
/** A person's own, without D1. */
export const userToken = "cloudflare-token-of-a-person";
export const cloudflareToken = "cloudflare-token-of-the-test";

/** The three services, one repository with a policy, and the environment of a gate job in it. */
export interface Stage {
  readonly github: GitHubStandIn;
  readonly entra: EntraStandIn;
  readonly cloudflare: CloudflareStandIn;
  readonly clock: TestClock;
  readonly log: CallLog;
  readonly faults: Faults;
  readonly repository: Repository;
  readonly tip: string;
  /** Outputs and summary of the last context that was made. */
  readonly outputs: Record<string, string>;
  /** A build run as `workflow_run` reports it, with an artifact where given. */
  buildRun(changes: Partial<WorkflowRun>, artifact?: Uint8Array): Promise<Record<string, string>>;
  /** Any other event's run, with the payload that GitHub gives it. */
  eventRun(event: GitHubEvent): Record<string, string>;
  /** A Pages project, as if an earlier run had made it. */
  cloudflareProject(name: string): Promise<void>;
  /** What the action is started with, on these variables; sleeping moves the stand-ins' clock and takes no time. */
  surroundings(env: Record<string, string | undefined>): { around: Surroundings; log: Recorded };
  /** A context on these variables; sleeping moves the stand-ins' clock and takes no time. */
  context(env: Record<string, string | undefined>): { context: ActionContext; log: Recorded };
  close(): Promise<void>;
}

export async function startStage(options: { readonly policy?: string } = {}): Promise<Stage> {
  const [clock, log, faults] = [new TestClock(), new CallLog(), new Faults()];
  const parts = { clock, log, faults };
  const github = await startGitHub(parts);
  const subject = "repo:acme/site:environment:entra-gate";
  const entra = await startEntra({ ...parts, github: { issuer: github.issuer, subject } });
  const cloudflare = await startCloudflare({
    ...parts,
    accountId,
    apiTokens: [
      { value: cloudflareToken, kind: "account", permissions: ["pages", "d1"] },
      { value: userToken, kind: "user", permissions: ["pages"] },
    ],
    assetServer: "export default { fetch: () => new Response(null, { status: 404 }) };",
  });
  const text = options.policy ?? JSON.stringify(policy);
  const files = { "gate.json": Buffer.from(text) };
  const { repository, sha: tip } = await github.createRepository({ owner: "acme", name: "site", files });
  const folder = mkdtempSync(join(tmpdir(), "entra-gate-stage-"));
  const outputs: Record<string, string> = {};
  const grant = {
    kind: "job",
    repository,
    permissions: readPermissions(everything),
    account: actionsBot,
  } as const;
  // A job's token dies within a day of the clock, so that each job has its own.
  const jobToken = (): string => github.tokens.issue(grant);
  const variables = (name: string, runId: number, body: unknown): Record<string, string> => {
    const path = join(folder, `event-${runId}.json`);
    writeFileSync(path, JSON.stringify(body));
    return {
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: path,
      GITHUB_REPOSITORY: repository.fullName,
      GITHUB_RUN_ID: String(runId),
      GITHUB_SERVER_URL: github.serverUrl,
      GITHUB_API_URL: github.apiUrl,
      RUNNER_TEMP: folder,
      RUNNER_TOOL_CACHE: join(folder, "tools"),
      CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl,
      "INPUT_TENANT-ID": entra.tenantId,
      "INPUT_CLIENT-ID": entra.cast.applications.automation.appId,
      "INPUT_GATE-CLIENT-ID": entra.cast.applications.gate.appId,
      "INPUT_PROJECT-NAME": "site",
      "INPUT_SIGN-IN-HOST-PROJECT": "acme-sign-in",
      "INPUT_CLOUDFLARE-API-TOKEN": cloudflareToken,
      "INPUT_CLOUDFLARE-ACCOUNT-ID": accountId,
      "INPUT_GITHUB-TOKEN": jobToken(),
      "INPUT_ENTRA-AUTHORITY": entra.authority,
      "INPUT_GRAPH-URL": entra.graphUrl,
    };
  };
  const surroundings: Stage["surroundings"] = (env) => {
    const recorded = recordingLog();
    for (const name of Object.keys(outputs)) delete outputs[name];
    const around: Surroundings = {
      env,
      log: recorded,
      dist: join(import.meta.dirname, "..", "..", "src"),
      now: () => clock.now(),
      sleep: async (milliseconds) => clock.advance(milliseconds),
      random: () => 0.5,
      setOutput: (name, value) => {
        outputs[name] = value;
      },
      addSummary: async (markdown) => {
        outputs["summary"] = markdown;
      },
    };
    return { around, log: recorded };
  };
  const idToken = (run: WorkflowRun): Record<string, string> => ({
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.idTokenUrl}/idtoken/${run.id}?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: github.idTokens.open(idTokenJob(repository, run, tip)),
  });
  return {
    ...parts,
    github,
    entra,
    cloudflare,
    repository,
    tip,
    outputs,
    async buildRun(changes, artifact) {
      const run = addRun(github, repository, { headSha: tip, ...changes });
      if (artifact !== undefined) addArtifact(github, repository, run, artifact);
      return {
        ...variables("workflow_run", run.id + 1, await payload(github, repository, run, jobToken())),
        ...idToken(run),
      };
    },
    async cloudflareProject(name) {
      const url = `${cloudflare.apiUrl}/accounts/${accountId}/pages/projects`;
      const headers = { authorization: `Bearer ${cloudflareToken}`, "content-type": "application/json" };
      const body = JSON.stringify({ name, production_branch: "main" });
      await httpWith(new FakeTime()).send({
        service: "Cloudflare",
        call: "POST",
        method: "POST",
        url,
        headers,
        body,
      });
    },
    eventRun(event) {
      const run = addRun(github, repository, { headSha: event.sha, event: event.name });
      return { ...variables(event.name, run.id, event.payload), ...idToken(run), GITHUB_REF: event.ref };
    },
    surroundings,
    context(env) {
      const { around, log: recorded } = surroundings(env);
      return { context: createContext(around), log: recorded };
    },
    async close() {
      await Promise.all([github.close(), entra.close(), cloudflare.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function addRun(github: GitHubStandIn, repository: Repository, changes: Partial<WorkflowRun>): WorkflowRun {
  const now = github.store.clock.now();
  const path = ".github/workflows/build.yml";
  const workflow = repository.workflows.get(path) ?? { id: github.store.nextId(), path, name: "Build" };
  repository.workflows.set(path, workflow);
  const run: WorkflowRun = {
    id: github.store.nextId(),
    number: 1,
    workflow,
    name: "Build",
    title: "A push",
    event: "push",
    headBranch: repository.defaultBranch,
    headSha: "",
    headRepository: repository,
    actor: repository.owner,
    createdAt: now,
    updatedAt: now,
    status: "completed",
    conclusion: "success",
    ...changes,
  };
  repository.runs.push(run);
  return run;
}

function addArtifact(github: GitHubStandIn, repository: Repository, run: WorkflowRun, zip: Uint8Array): void {
  const now = github.store.clock.now();
  const artifact = {
    id: github.store.nextId(),
    name: "entra-gate",
    run,
    zip,
    digest: `sha256:${createHash("sha256").update(zip).digest("hex")}`,
  };
  repository.artifacts.push({ ...artifact, createdAt: now, expiresAt: now + 86_400_000 });
}

/** The event's payload, as far as the API has the same objects. */
async function payload(github: GitHubStandIn, repository: Repository, run: WorkflowRun, token: string) {
  const http = httpWith(new FakeTime());
  const read = async (path: string): Promise<unknown> => {
    const url = `${github.apiUrl}/repos/${repository.fullName}${path}`;
    const headers = { authorization: `Bearer ${token}` };
    return (await http.send({ service: "GitHub", call: path, method: "GET", url, headers })).json();
  };
  return {
    action: "completed",
    repository: await read(""),
    workflow: await read(`/actions/workflows/${run.workflow.id}`),
    workflow_run: await read(`/actions/runs/${run.id}`),
  };
}

function idTokenJob(repository: Repository, run: WorkflowRun, sha: string) {
  const workflowRef = `${repository.fullName}/.github/workflows/gate.yml@refs/heads/main`;
  const ref = "refs/heads/main";
  const none = { headRef: "", baseRef: "", refProtected: false };
  const what = { repository, run, event: run.event, ref, sha, ...none, environment: "entra-gate" };
  return { ...what, workflowRef, workflowSha: sha, actor: repository.owner };
}
