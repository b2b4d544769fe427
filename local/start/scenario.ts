import { readFile } from "node:fs/promises";
import { siteEndpoints } from "../../contract/names/endpoints.ts";
import type { Call } from "../call-log.ts";
import type { RunOptions, RunResult } from "../github/index.ts";
import { demo } from "../world/demo.ts";
import type { World } from "../world/world.ts";

/** What the action said of one deployment, and what the stand-ins saw of it. */
export interface Deployed {
  readonly url: string;
  readonly alias: string;
  /** The gate is in front, and the outside check found nothing open. */
  readonly gated: boolean;
  /** The evidence file that the action wrote; empty where it got not that far. */
  readonly evidence: string;
  readonly runs: readonly RunResult[];
  /** Calls that the stand-ins answered while it was made and checked. */
  readonly calls: readonly Call[];
}

/** The repository's first push: sign-in host, Entra and production. */
export function pushToMain(world: World, watched: RunOptions): Promise<Deployed> {
  return deployed(world, () => world.runner.run(world.demo.firstPush, watched));
}

/** A preview, and where it is told of. */
export interface Preview extends Deployed {
  /** The pull request. */
  readonly page: string;
  /** The action's comment on it; the pull request where there is none. */
  readonly comment: string;
}

/** A pull request that changes a page: the preview. */
export async function openPullRequest(world: World, watched: RunOptions): Promise<Preview> {
  const { number, events } = await world.demo.openPullRequest("summer");
  const made = await deployed(world, () => world.runner.run(events, watched));
  return { ...made, ...toldOn(world, number) };
}

/** Where a pull request and the action's comment on it are. */
export function toldOn({ github, demo }: World, number: number): Pick<Preview, "page" | "comment"> {
  const page = `${github.serverUrl}/${demo.repository.fullName}/pull/${number}`;
  const comment = demo.repository.comments.find(({ issue }) => issue === number);
  return { page, comment: comment === undefined ? page : `${page}#issuecomment-${comment.id}` };
}

async function deployed(world: World, run: () => Promise<readonly RunResult[]>): Promise<Deployed> {
  const before = world.log.calls.length;
  const runs = await run();
  const gate = runs.flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps)).find(({ id }) => id === "gate");
  const outputs = gate?.outputs ?? {};
  return {
    url: outputs["deployment-url"] || newestUrl(world),
    alias: outputs["alias-url"] ?? "",
    evidence: outputs["evidence-path"] ? await readFile(outputs["evidence-path"], "utf8") : "",
    gated: gate?.conclusion === "success" && outputs["verified"] === "true" && outputs["gated"] === "true",
    runs,
    calls: world.log.calls.slice(before),
  };
}

/** Where the last upload that was no cover answered, whatever became of it: the action names nothing that it had to cover. */
function newestUrl({ cloudflare }: World): string {
  const uploads = cloudflare
    .deployments(demo.project)
    .filter(({ commit }) => !/ closed [0-9a-f-]{36}/.test(commit.commit_message));
  const subdomain = cloudflare.project(demo.project)?.subdomain;
  const last = uploads.at(-1);
  return last === undefined || subdomain === undefined ? "" : `http://${last.shortId}.${subdomain}`;
}

/** The outside check's requests to a project's previews, and how many were answered with the site's content. */
export function previewProbes({ calls }: Deployed): { readonly total: number; readonly open: number } {
  // Every host of a preview is one label below its project's own.
  const isPreview = (host: string) => host.replace(/:\d+$/, "").endsWith(`.${demo.project}.localhost`);
  const probes = calls.filter(
    ({ service, host, path }) => service === "site" && isPreview(host) && path !== siteEndpoints.status,
  );
  return { total: probes.length, open: probes.filter(({ marked }) => marked === true).length };
}
