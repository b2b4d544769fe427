import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import type { Bundle, DeployTarget } from "./types.ts";
import { deployMessage } from "./wrangler-deploy.ts";

interface Deps {
  readonly cloudflare: Pick<CloudflareClient, "deployments" | "deleteDeployment">;
  sleep(milliseconds: number): Promise<void>;
}

/** Cloudflare's list is asked this often for a deployment that wrangler has posted. */
const readAttempts = 20;
const readPause = 1_500;

/** This machine's clock and Cloudflare's need not agree. */
const margin = 60 * 60_000;

/**
 * The deployments that came of one upload, newest first, in whichever environment and whatever became of them. Its
 * message is its own, and nothing older than the upload is read.
 * @param began milliseconds since 1970
 */
export async function oursOf(
  bundle: Bundle,
  target: DeployTarget,
  began: number,
  { cloudflare }: Deps,
): Promise<PagesDeployment[]> {
  const marker = deployMessage(bundle, target);
  const recent = await cloudflare.deployments(target.project, undefined, { since: began - margin });
  return recent.filter(({ deployment_trigger: trigger }) =>
    trigger?.metadata?.commit_message.startsWith(marker),
  );
}

/**
 * The same, once it is known what became of them; none where none came to life, and then they are gone.
 * @param succeeded wrangler's word for it
 */
export async function awaitOurs(
  bundle: Bundle,
  target: DeployTarget,
  upload: { readonly began: number; readonly succeeded: boolean },
  deps: Deps,
): Promise<PagesDeployment[]> {
  let ours: PagesDeployment[] = [];
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    if (attempt > 1) await deps.sleep(readPause);
    ours = await oursOf(bundle, target, upload.began, deps);
    const finished = ours.filter(isLive).sort((a, b) => b.created_on.localeCompare(a.created_on));
    const failed = ours.filter(hasFailed);
    const pending = ours.length - finished.length - failed.length;
    if (finished.length > 0 && pending === 0) return [...finished, ...failed];
    // Nothing was posted, or nothing of it came to life: waiting would not change that.
    if (pending === 0 && (!upload.succeeded || failed.length > 0)) break;
  }
  for (const { id } of ours) await removeDeployment(target.project, id, deps);
  return [];
}

/** Production's live deployment can't be deleted, and the one that takes its place does so only after a moment. */
export async function removeDeployment(
  project: string,
  id: string,
  { cloudflare, sleep }: Deps,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cloudflare.deleteDeployment(project, id);
    } catch (error) {
      const refused = error instanceof ActionError && error.code === "cloudflare-request-refused";
      if (!refused || attempt === readAttempts) throw error;
      await sleep(readPause);
    }
  }
}

export function isLive({ latest_stage: stage }: PagesDeployment): boolean {
  return stage?.name === "deploy" && stage.status === "success";
}

export function hasFailed({ latest_stage: stage }: PagesDeployment): boolean {
  return stage?.status === "failure" || stage?.status === "canceled";
}
