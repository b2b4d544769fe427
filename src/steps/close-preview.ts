import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { PagesDeployment, Project } from "../clients/cloudflare-model.ts";
import type { Log } from "../log.ts";
import { requireOtherThanProduction } from "./preflight.ts";
import { type Patience, stillAnswering } from "./still-answering.ts";
import type { Deployment } from "./types.ts";
import { previewBranch } from "./which-run.ts";

export interface Closing {
  readonly cloudflare: Pick<CloudflareClient, "deployments" | "deleteDeployment">;
  readonly log: Pick<Log, "info">;
  readonly patience: Patience;
  readonly project: Project;
  readonly pullRequest: number;
  /** Milliseconds since 1970; no deployment of the pull request can be older. */
  readonly since: number;
  /** Asked before and after what takes its time. */
  stillClosed(): Promise<boolean>;
  /** Puts a deny-all deployment over the preview's alias. */
  cover(): Promise<Deployment>;
}

export interface Closed {
  /** What was deleted, newest first. */
  readonly deleted: readonly PagesDeployment[];
  /** Origins that still show something. */
  readonly open: readonly string[];
  /** The pull request was opened again meanwhile: its deployments are its next run's. */
  readonly reopened: boolean;
}

/** How often the list is read again for what a run that was under way has deployed meanwhile. */
const rounds = 3;
const progressEvery = 25;

/** What a cover's commit message says; a run after one that was interrupted knows it by that. */
export function coverMessage(pullRequest: number): string {
  return `closed pull request ${pullRequest}`;
}

/**
 * Takes everything of a closed pull request away: a deny-all deployment takes the alias, since deleting a deployment
 * gives the alias back to the one before and a deleted one may go on answering; then every deployment of the branch is
 * deleted, the cover last, and asked until it shows nothing.
 *
 * @throws ActionError branch-is-production, deploy-*, cloudflare-*, service-*
 */
export async function closePreview(closing: Closing): Promise<Closed> {
  const { cloudflare, project, pullRequest, patience, log } = closing;
  const branch = previewBranch(pullRequest);
  requireOtherThanProduction(project, branch);
  const reopened: Closed = { deleted: [], open: [], reopened: true };
  if (!(await closing.stillClosed())) return reopened;
  const found = await ofBranch(closing, branch);
  if (found.length === 0) return { deleted: [], open: [], reopened: false };
  log.info(`${found.length} deployments of ${branch}.`);
  const cover = coverIn(found, pullRequest) ?? (await closing.cover()).id;
  if (!(await closing.stillClosed())) {
    await cloudflare.deleteDeployment(project.name, cover);
    return reopened;
  }
  const deleted: PagesDeployment[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // A deployment is seen in the list before its run asks whether the pull request is still open, or after: either
    // way one of the two takes it away.
    const all = round === 1 ? found : await ofBranch(closing, branch);
    const rest = all.filter(({ id }) => id !== cover);
    if (rest.length === 0) break;
    await deleteAll(closing, rest);
    deleted.push(...rest);
  }
  const origins = deleted.flatMap(({ url, aliases }) => [url, ...aliases]).map((url) => new URL(url).origin);
  const open = await stillAnswering(origins, patience);
  await cloudflare.deleteDeployment(project.name, cover);
  return { deleted, open, reopened: false };
}

/** The newest of them, where an interrupted run has put it there: only then it holds the alias. */
function coverIn(newestFirst: readonly PagesDeployment[], pullRequest: number): string | undefined {
  const [newest] = newestFirst;
  const message = newest?.deployment_trigger?.metadata?.commit_message ?? "";
  const live = newest?.latest_stage?.name === "deploy" && newest.latest_stage.status === "success";
  return live && message.endsWith(`] ${coverMessage(pullRequest)}`) ? newest.id : undefined;
}

async function ofBranch({ cloudflare, project, since }: Closing, branch: string): Promise<PagesDeployment[]> {
  const all = await cloudflare.deployments(project.name, "preview", { since });
  return all.filter((one) => one.deployment_trigger?.metadata?.branch === branch);
}

async function deleteAll(
  { cloudflare, project, log }: Closing,
  deployments: readonly PagesDeployment[],
): Promise<void> {
  for (const [index, { id }] of deployments.entries()) {
    await cloudflare.deleteDeployment(project.name, id);
    if ((index + 1) % progressEvery === 0) log.info(`Deleted ${index + 1} of ${deployments.length}.`);
  }
}
