import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import { ActionError, asActionError } from "../errors.ts";
import type { Log } from "../log.ts";
import { awaitUpload, listUpload, removeDeployment } from "./deployed.ts";
import { digestOf, listFiles, modulesOf, sameModules } from "./folder.ts";
import type { Bundle, Deployment, DeployTarget } from "./types.ts";
import { deployMessage, runWranglerDeploy, type WranglerSettings } from "./wrangler-deploy.ts";
import { makeDenyAll } from "./wrap.ts";

export interface DeployDeps {
  readonly cloudflare: Pick<CloudflareClient, "deployments" | "deleteDeployment">;
  readonly wrangler: WranglerSettings;
  now(): number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: Pick<Log, "warning">;
  /** Called before something that may be open is taken away: from now on there is time for that, and for no more. */
  readonly wrapUp: () => void;
}

/**
 * Uploads a bundle and says which deployment came of it. wrangler's word alone is not enough: it may exit 0 without
 * knowing the deployment's fate, and after an answer 8000000 it posts again, so that there are two. Cloudflare's
 * list is asked; the newest is kept and its twins are deleted. Where it can't be learnt what came of an upload, it is
 * covered and deleted if it is there.
 *
 * @throws ActionError `branch-is-production`, `deploy-failed`, `deploy-wrong-environment` (then a deny-all deployment
 *   was put over it), cloudflare-*, service-*
 */
export async function deploy(bundle: Bundle, target: DeployTarget, deps: DeployDeps): Promise<Deployment> {
  await checkBundle(bundle);
  checkBranch(target);
  const began = deps.now();
  const { succeeded, words } = await runWranglerDeploy(bundle, target, deps.wrangler);
  const upload = { began, succeeded, words };
  const settled = await settle(bundle, target, upload, deps).catch(async (error: unknown) => {
    if (mustBeProved(bundle)) await takeBack(bundle, target, began, deps);
    throw error;
  });
  if (settled instanceof ActionError) throw settled;
  return settled;
}

function mustBeProved({ kind, config }: Bundle): boolean {
  return kind === "gated" && config?.policy.report !== true;
}

interface Upload {
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly succeeded: boolean;
  readonly words: string;
}

/** The deployment; an error where there is none, or none any more. */
async function settle(
  bundle: Bundle,
  target: DeployTarget,
  upload: Upload,
  deps: DeployDeps,
): Promise<Deployment | ActionError> {
  const { ours, earlier } = await awaitUpload(bundle, target, upload, deps);
  const [newest, ...twins] = ours;
  if (newest === undefined) return new ActionError("deploy-failed", upload.words);
  for (const { id } of twins) await removeDeployment(target.project, id, deps);
  const uploaded = await listFiles(bundle.folder);
  const deployment: Deployment = {
    id: newest.id,
    project: target.project,
    url: withoutSlash(newest.url),
    aliases: newest.aliases.map(withoutSlash),
    environment: newest.environment,
    branch: target.branch,
    bundle: bundle.id,
    earlier: earlier.map(({ id }) => id),
    modules: modulesOf(uploaded),
  };
  const fault = faultOf(deployment, target, digestOf(uploaded) === digestOf(bundle.files));
  if (fault === undefined) return deployment;
  if (bundle.kind !== "deny-all") await withdraw(deployment, target, deps);
  return fault;
}

/**
 * What wrangler was given may be up, and nobody has looked at it: covered and deleted where it is. What goes wrong here
 * is told beside the reason for it, never in its place.
 */
async function takeBack(
  bundle: Bundle,
  target: DeployTarget,
  began: number,
  deps: DeployDeps,
): Promise<void> {
  deps.wrapUp();
  try {
    const { ours } = await listUpload(bundle, target, began, deps);
    const [newest] = ours;
    if (newest === undefined) return;
    await deployDenyAll(coverFor(newest, target), deps);
    for (const { id } of ours) await removeDeployment(target.project, id, deps);
  } catch (error) {
    const where = `deployments of ${target.project} with ${deployMessage(bundle, target)}`;
    deps.log.warning(
      "Not covered",
      `${asActionError(error).message} Disable or delete by hand, if there are any: ${where}`,
    );
  }
}

/** What wrangler read is not known; what it read from was the same before and after. */
function faultOf(
  { environment, url }: Deployment,
  target: DeployTarget,
  unchanged: boolean,
): ActionError | undefined {
  if (environment !== target.environment)
    return new ActionError(
      "deploy-wrong-environment",
      `Wanted ${target.environment}, got ${environment}: ${url}`,
    );
  return unchanged
    ? undefined
    : new ActionError("deploy-failed", "The bundle changed on the runner while it was uploaded.");
}

/** Nothing but what was rehearsed is uploaded, and exactly as it was then. */
async function checkBundle(bundle: Bundle): Promise<void> {
  const files = await listFiles(bundle.folder);
  if (digestOf(files) !== digestOf(bundle.files))
    throw new ActionError("deploy-failed", "The bundle changed on the runner after it was made.");
  if (bundle.kind !== "gated") return;
  const rehearsed = digestOf(files.filter(({ path }) => path !== wrappedNames.card));
  if (bundle.rehearsed !== rehearsed || !sameModules(bundle.modules ?? {}, modulesOf(files)))
    throw new ActionError("deploy-failed", "The bundle was not rehearsed.");
}

/** By the project as it was read; in which environment the deployment came out is looked at afterwards. */
function checkBranch({ project, branch, productionBranch, environment }: DeployTarget): void {
  const isProduction = branch === productionBranch;
  if (environment === "preview" && isProduction)
    throw new ActionError("branch-is-production", `${project}, branch ${branch}`);
  if (environment === "production" && !isProduction)
    throw new ActionError(
      "deploy-wrong-environment",
      `${project} has the production branch ${productionBranch ?? "(none)"}, not ${branch}. Nothing was deployed.`,
    );
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

export interface Withdrawal {
  /** The deny-all deployment that has the branch's alias now. */
  readonly cover: Deployment;
  /** False where Cloudflare did not let the withdrawn deployment be deleted. */
  readonly deleted: boolean;
}

/**
 * Takes a deployment that could not be proved closed out of sight: a deny-all deployment takes the branch's alias
 * first, since a deleted one may go on answering for a while, then it is deleted.
 *
 * @param target what it was deployed with
 */
export async function withdraw(
  deployment: Deployment,
  target: DeployTarget,
  deps: DeployDeps,
): Promise<Withdrawal> {
  const cover = await deployDenyAll(coverFor(deployment, target), deps);
  const deleted = await removeDeployment(target.project, deployment.id, deps).then(
    () => true,
    () => false,
  );
  return { cover, deleted };
}

/** Where a deny-all deployment has to go to lie over a deployment: where that one came out, wanted or not. */
function coverFor(
  { id, environment }: Pick<Deployment, "id" | "environment">,
  target: DeployTarget,
): DeployTarget {
  const productionBranch = environment === "production" ? target.branch : undefined;
  return { ...target, environment, productionBranch, message: `closed ${id}` };
}

/** Deploys what shows nothing to anybody. */
export async function deployDenyAll(target: DeployTarget, deps: DeployDeps): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-deny-"));
  try {
    return await deploy(await makeDenyAll(target.environment, folder), target, deps);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
