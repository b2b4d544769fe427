import { randomBytes } from "node:crypto";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { pathRules } from "../../probes/public.ts";

/** Each deployment is asked for its status and for these: a project can have ten thousand of them. */
const asked = 2;

/**
 * Paths by which a deployment shows whether its gate is closed: those that the default branch's policy lets nobody see
 * without a session, the root first; names that no site has, so that what a `_routes.json` keeps away from the gate is
 * answered by somebody else.
 *
 * @param policy of the environment, as the default branch has it
 * @returns empty where the policy lets anyone see everything
 */
export function pathsToAsk(policy: CompiledPolicy): string[] {
  if (policy.open || policy.report) return [];
  const rules = pathRules(policy);
  const name = `entra-gate-probe-${randomBytes(4).toString("hex")}`;
  const ofRules = policy.rules.map(({ path }) => path.replaceAll("*", name));
  const all = ["/", `/assets/${name}.js`, ...ofRules, `/${name}`];
  return [...new Set(all)].filter((path) => !rules.admitsAnyone(path)).slice(0, asked);
}
