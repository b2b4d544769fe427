import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import type { Bundle, DeployTarget } from "./types.ts";
import { deployMessage, messageStart } from "./wrangler-deploy.ts";

interface Deps {
  readonly cloudflare: Pick<CloudflareClient, "deployments" | "deleteDeployment">;
  sleep(milliseconds: number): Promise<void>;
}

/** Cloudflare's list is asked this often for a deployment that wrangler has posted. */
const readAttempts = 20;
const readPause = 1_500;

/**
 * This machine's clock and Cloudflare's need not agree, and what an earlier run of the same commit has left is looked
 * for in the same list: a day's deployments are seldom more than one page.
 */
const margin = 24 * 60 * 60_000;

/** What one read of the list has of an upload, newest first. */
interface Listed {
  /** In whichever environment and whatever became of them. */
  readonly ours: readonly PagesDeployment[];
  /** Of the same commit and branch, made before them by another run of this action. */
  readonly earlier: readonly PagesDeployment[];
}

/**
 * The deployments that came of one upload, and those that it replaces. Its message is its own, and nothing much older
 * than the upload is read.
 * @param began milliseconds since 1970
 */
export async function listUpload(
  bundle: Bundle,
  target: DeployTarget,
  began: number,
  { cloudflare }: Deps,
): Promise<Listed> {
  const marker = deployMessage(bundle, target);
  const recent = await cloudflare.deployments(target.project, undefined, { since: began - margin });
  const messageOf = ({ deployment_trigger: trigger }: PagesDeployment): string =>
    trigger?.metadata?.commit_message ?? "";
  const ours = recent.filter((one) => messageOf(one).startsWith(marker));
  const first = ours.at(-1)?.created_on ?? "";
  const earlier = recent.filter((one) => {
    const { branch, commit_hash: commit } = one.deployment_trigger?.metadata ?? {};
    const same =
      branch === target.branch && commit === target.commit && one.environment === target.environment;
    return same && messageOf(one).startsWith(messageStart) && one.created_on !== "" && one.created_on < first;
  });
  return { ours, earlier };
}

/**
 * The same, once it is known what became of them; none where none came to life, and then they are gone.
 * @param succeeded wrangler's word for it
 */
export async function awaitUpload(
  bundle: Bundle,
  target: DeployTarget,
  upload: { readonly began: number; readonly succeeded: boolean },
  deps: Deps,
): Promise<Listed> {
  let listed: Listed = { ours: [], earlier: [] };
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    if (attempt > 1) await deps.sleep(readPause);
    listed = await listUpload(bundle, target, upload.began, deps);
    const { ours, earlier } = listed;
    const finished = ours.filter(isLive).sort((a, b) => b.created_on.localeCompare(a.created_on));
    const failed = ours.filter(hasFailed);
    const pending = ours.length - finished.length - failed.length;
    if (finished.length > 0 && pending === 0) return { ours: [...finished, ...failed], earlier };
    // Nothing was posted, or nothing of it came to life: waiting would not change that.
    if (pending === 0 && (!upload.succeeded || failed.length > 0)) break;
  }
  for (const { id } of listed.ours) await removeDeployment(target.project, id, deps);
  return { ours: [], earlier: [] };
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
