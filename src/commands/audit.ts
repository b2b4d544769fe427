import type { ActionContext } from "../context.ts";
import { onDefaultBranch } from "../steps/default-branch.ts";

/**
 * The `audit` command, on a schedule or by hand.
 * @throws ActionError event-unsupported, branch-not-default; what ended the run
 */
export async function runAudit(context: ActionContext): Promise<void> {
  const { name, tip } = await onDefaultBranch(context);
  context.log.info(`Audit of ${name} at ${tip.slice(0, 12)}.`);
}
