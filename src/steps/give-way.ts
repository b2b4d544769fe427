import type { BuildContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { DeployDeps } from "./deploy.ts";
import { removeDeployment } from "./deployed.ts";
import type { Deployment } from "./types.ts";

/**
 * Asks once more, when a deployment is up and verified, whether it is still wanted. The pull request may have been
 * closed while it was uploaded, after its cleanup had read the list; or a newer commit's run was faster, and this one
 * has taken its place. Then it goes again.
 *
 * @param stillNewest throws `superseded` where it is not wanted any more
 * @throws ActionError superseded, github-*, cloudflare-*
 */
export async function giveWay(
  context: BuildContext,
  deployment: Deployment,
  deps: DeployDeps,
  stillNewest: () => Promise<void>,
): Promise<void> {
  try {
    await stillNewest();
  } catch (error) {
    if (error instanceof ActionError && error.code === "superseded") await step(context, deployment, deps);
    throw error;
  }
}

async function step(context: BuildContext, deployment: Deployment, deps: DeployDeps): Promise<void> {
  const { project, id, environment } = deployment;
  // A preview's alias goes back to the one before, which is the newer commit's where there is one.
  if (environment === "preview") return removeDeployment(project, id, deps);
  const newer = await newerInProduction(context, deployment);
  // Without one, the newer commit's own run is still to come and takes this one's place.
  if (newer === undefined) return;
  await context.cloudflare.rollback(project, newer);
  await removeDeployment(project, id, deps);
}

async function newerInProduction(
  { cloudflare, github, build }: BuildContext,
  { project, id }: Deployment,
): Promise<string | undefined> {
  const tip = await github.branchTip(build.defaultBranch);
  const all = await cloudflare.deployments(project, "production");
  return all.find((one) => one.id !== id && one.deployment_trigger?.metadata?.commit_hash === tip)?.id;
}
