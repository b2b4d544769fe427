import type { ActionContext } from "../context.ts";
import { asActionError } from "../errors.ts";
import { type DeployDeps, withdraw } from "./deploy.ts";
import type { Draft } from "./report-model.ts";
import type { Deployment, DeployTarget } from "./types.ts";
import { originsOf, uncovered } from "./verify.ts";

/**
 * Takes a deployment that was not shown to be closed out of sight, everywhere it answers. Whatever goes wrong here is
 * told beside the reason for it, never in its place.
 *
 * @param domains origins of the project's own, where it is production's
 * @param draft is told what was done
 * @returns whether a deny-all deployment is in its place
 */
export async function cover(
  { log, trail, sleep }: Pick<ActionContext, "log" | "trail" | "sleep">,
  {
    deployment,
    target,
    domains,
  }: {
    readonly deployment: Deployment;
    readonly target: DeployTarget;
    readonly domains: readonly string[];
  },
  deps: DeployDeps,
  draft: Pick<Draft, "changes">,
): Promise<boolean> {
  const byHand = (what: string): void =>
    log.warning("Not covered", `${what} Disable or delete by hand: ${deployment.url}`);
  try {
    deps.wrapUp();
    const { cover: closed, deleted } = await withdraw(deployment, target, deps);
    draft.changes.push(`deny-all deployment ${closed.id} put over ${deployment.id}`);
    if (deleted) {
      const entity = { type: "deployment", uid: deployment.id, name: deployment.url } as const;
      trail.add({ activity: "delete", entity, project: target.project });
    }
    const left = await uncovered(closed, originsOf(closed, domains), { wait: sleep });
    if (left.length > 0) byHand(`Still answered: ${left.join(", ")}.`);
    if (!deleted) byHand(`Deployment ${deployment.id} could not be deleted.`);
    return true;
  } catch (error) {
    byHand(asActionError(error).message);
    return false;
  }
}
