import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import { digestOf, listFiles, modulesOf, sameModules } from "./folder.ts";
import type { Bundle, Deployment, DeployTarget } from "./types.ts";
import {
  deployMessage,
  runWranglerDeploy,
  type WranglerOutcome,
  type WranglerSettings,
} from "./wrangler-deploy.ts";
import { makeDenyAll } from "./wrap.ts";

export interface DeployDeps {
  readonly cloudflare: Pick<CloudflareClient, "project" | "deployments" | "deleteDeployment">;
  readonly wrangler: WranglerSettings;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const environments = ["preview", "production"] as const;
/** Cloudflare's list is asked this often for a deployment that wrangler has posted. */
const readAttempts = 20;
const readPause = 1_500;

/**
 * Uploads a bundle and says which deployment came of it. wrangler's word alone is not enough: it may exit 0 without
 * knowing the deployment's fate, and after an answer 8000000 it posts again, so that there are two. Cloudflare's
 * list is asked; the newest is kept and its twins are deleted.
 *
 * @throws ActionError `project-missing`, `branch-is-production`, `deploy-failed`, `deploy-wrong-environment` (then a
 *   deny-all deployment was put over it), cloudflare-*
 */
export async function deploy(bundle: Bundle, target: DeployTarget, deps: DeployDeps): Promise<Deployment> {
  await checkBundle(bundle);
  await checkBranch(target, deps);
  const before = new Set((await listDeployments(target, deps)).map(({ id }) => id));
  const outcome = await runWranglerDeploy(bundle, target, deps.wrangler);
  const found = await findDeployments(bundle, target, outcome, before, deps);
  const [newest, ...twins] = found;
  if (newest === undefined) throw new ActionError("deploy-failed", outcome.words);
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
    modules: modulesOf(uploaded),
  };
  const fault = faultOf(deployment, target, digestOf(uploaded) === digestOf(bundle.files));
  if (fault === undefined) return deployment;
  if (bundle.kind !== "deny-all") await withdraw(deployment, target, deps);
  throw fault;
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

async function checkBranch(
  { project: name, branch, environment }: DeployTarget,
  { cloudflare }: DeployDeps,
): Promise<void> {
  const project = await cloudflare.project(name);
  if (project === undefined) throw new ActionError("project-missing", name);
  const isProduction = branch === project.production_branch;
  if (environment === "preview" && isProduction)
    throw new ActionError("branch-is-production", `${name}, branch ${branch}`);
  if (environment === "production" && !isProduction) {
    throw new ActionError(
      "deploy-wrong-environment",
      `${name} has the production branch ${project.production_branch ?? "(none)"}, not ${branch}. Nothing was deployed.`,
    );
  }
}

async function listDeployments(
  { project }: DeployTarget,
  { cloudflare }: DeployDeps,
): Promise<PagesDeployment[]> {
  return (await Promise.all(environments.map((one) => cloudflare.deployments(project, one)))).flat();
}

/**
 * The deployments that came of this upload, newest first, in whichever environment they came out; none where none of
 * them came to life, and then they are gone.
 *
 * @param before ids that were there before
 */
async function findDeployments(
  bundle: Bundle,
  target: DeployTarget,
  outcome: WranglerOutcome,
  before: ReadonlySet<string>,
  deps: DeployDeps,
): Promise<PagesDeployment[]> {
  const marker = deployMessage(bundle, { ...target, message: "" });
  const isOurs = (one: PagesDeployment) =>
    !before.has(one.id) && one.deployment_trigger?.metadata?.commit_message.startsWith(marker) === true;
  let ours: PagesDeployment[] = [];
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    if (attempt > 1) await deps.sleep(readPause);
    ours = (await listDeployments(target, deps)).filter(isOurs);
    const finished = ours.filter(isLive).sort((a, b) => b.created_on.localeCompare(a.created_on));
    const failed = ours.filter(hasFailed);
    const pending = ours.length - finished.length - failed.length;
    if (finished.length > 0 && pending === 0) return [...finished, ...failed];
    // Nothing was posted, or nothing of it came to life: waiting would not change that.
    if (pending === 0 && (!outcome.succeeded || failed.length > 0)) break;
  }
  for (const { id } of ours) await removeDeployment(target.project, id, deps);
  return [];
}

/** Production's live deployment can't be deleted, and the one that takes its place does so only after a moment. */
export async function removeDeployment(
  project: string,
  id: string,
  { cloudflare, sleep }: DeployDeps,
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

function isLive({ latest_stage: stage }: PagesDeployment): boolean {
  return stage?.name === "deploy" && stage.status === "success";
}

function hasFailed({ latest_stage: stage }: PagesDeployment): boolean {
  return stage?.status === "failure" || stage?.status === "canceled";
}

function withoutSlash(url: string): string {
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
  const { environment } = deployment;
  const cover = await deployDenyAll({ ...target, environment, message: `closed ${deployment.id}` }, deps);
  const deleted = await removeDeployment(target.project, deployment.id, deps).then(
    () => true,
    () => false,
  );
  return { cover, deleted };
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
