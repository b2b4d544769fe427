import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { hasFailed, isLive } from "./deployed.ts";

/** Slug of the GitHub App by which Cloudflare tells of its builds. */
export const cloudflareApp = "cloudflare-workers-and-pages";

/** How far back a build that has just ended may have begun, in milliseconds. */
const lookBack = 24 * 60 * 60_000;
/** Cloudflare's list is asked this often: the check may be told before the list shows what it is about. */
const attempts = 10;
const pause = 3_000;

/**
 * The deployments that Cloudflare itself built of a commit, newest first; a retried build makes one more. Uploads, which
 * name a commit, too, are not among them.
 *
 * @returns those that came to nothing included; none where there is none even after half a minute
 */
export async function findBuilt(
  { cloudflare, now, sleep }: Pick<ActionContext, "cloudflare" | "now" | "sleep">,
  project: string,
  commit: string,
): Promise<PagesDeployment[]> {
  let own: PagesDeployment[] = [];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) await sleep(pause);
    const all = await cloudflare.deployments(project, undefined, { since: now() - lookBack });
    own = all.filter(
      ({ deployment_trigger: trigger }) =>
        trigger?.metadata?.commit_hash === commit && trigger.type !== "ad_hoc",
    );
    if (own.length > 0 && own.every((one) => isLive(one) || cameToNothing(one))) break;
  }
  return own;
}

/** No content was ever published of it. */
export function cameToNothing(deployment: PagesDeployment): boolean {
  return hasFailed(deployment) || deployment.latest_stage?.status === "skipped";
}

/** Whether Cloudflare's link from a check leads to something else than this project; false where it does not say. */
export function isOfAnother(detailsUrl: string, project: string): boolean {
  const to = URL.parse(detailsUrl)?.searchParams.get("to") ?? "";
  const named = /\/pages\/view\/([^/]+)/.exec(to)?.[1];
  return named === undefined ? /\/workers\//.test(to) : named !== project;
}
