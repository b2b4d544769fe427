import type { Policy } from "./schema.ts";

/** What Entra must know for a policy: object ids of groups, values of app roles. */
export interface PolicyNeeds {
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

/** Everything that the policy names, whether a rule mentions it today or not; sorted, each once. */
export function needsOf(policy: Policy): PolicyNeeds {
  return {
    groups: [...new Set(Object.values(policy.groups))].sort(),
    roles: [...new Set(policy.roles)].sort(),
  };
}
