import { unsupported } from "../command.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { RepositoryRef } from "../event.ts";

/** The default branch as it stands now. */
export interface DefaultBranch {
  readonly repository: RepositoryRef;
  readonly name: string;
  /** Commit at its tip. */
  readonly tip: string;
}

/**
 * For what only the default branch's workflow may do: the file of another branch is its author's, and by hand anybody
 * with write access chooses the branch.
 * @throws ActionError event-unsupported, branch-not-default, github-*
 */
export async function onDefaultBranch({
  event,
  github,
}: Pick<ActionContext, "event" | "github">): Promise<DefaultBranch> {
  if (event.name !== "schedule" && event.name !== "workflow_dispatch") throw unsupported(event);
  const { defaultBranch: name, ...repository } = await github.repository();
  if (event.ref !== `refs/heads/${name}`)
    throw new ActionError("branch-not-default", `It ran on ${JSON.stringify(event.ref)}, not on ${name}.`);
  return { repository, name, tip: await github.branchTip(name) };
}
