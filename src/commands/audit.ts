import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { onDefaultBranch } from "../steps/default-branch.ts";
import { renewHost } from "../steps/renew.ts";

/**
 * The `audit` command, on a schedule or by hand: first what gets old is renewed.
 * @throws ActionError event-unsupported, branch-not-default, renewal-failed; what ended the run
 */
export async function runAudit(context: ActionContext): Promise<void> {
  const branch = await onDefaultBranch(context);
  const renewal = await renewHost(context, branch);
  for (const change of renewal?.changes ?? []) context.log.info(`Changed: ${change}`);
  const [failed] = renewal?.check.findings ?? [];
  if (failed !== undefined) throw new ActionError("renewal-failed", `${failed.text} ${failed.remedy}`);
}
