import { admission, admitting } from "./decide.ts";
import type { CompiledPolicy, Entry, Visitor } from "./model.ts";

/**
 * Who may get a ticket for an environment at all: the union of all its rules' `allow` but `anyone`.
 * The sign-in host applies it from the default branch's policy, whatever the policy of a pull request says.
 */
export function entryOf(policy: CompiledPolicy): Entry {
  const allows = policy.rules.map((rule) => rule.allow);
  const within = [...new Set(policy.rules.flatMap((rule) => rule.signedInWithin ?? []))].sort(
    (a, b) => a - b,
  );
  const contexts = union(
    policy.rules.map((rule) => (rule.authContext === undefined ? [] : [rule.authContext])),
  );
  const scopes = union(allows.map((allow) => allow.scopes ?? []));
  return {
    environment: policy.environment,
    digest: policy.digest,
    lifetime: policy.lifetime,
    recheck: policy.recheck,
    groupNames: policy.groupNames,
    ...(policy.contact === undefined ? {} : { contact: policy.contact }),
    ...(policy.name === undefined ? {} : { name: policy.name }),
    ...(policy.report ? { report: true } : {}),
    ...(within.length + contexts.length === 0 ? {} : { stepUp: { within, contexts } }),
    anyone: false,
    members: allows.some((allow) => allow.members),
    guests: allows.some((allow) => allow.guests),
    groups: union(allows.map((allow) => allow.groups)),
    roles: union(allows.map((allow) => allow.roles)),
    apps: union(allows.map((allow) => allow.apps)),
    ...(scopes.length === 0 ? {} : { scopes }),
  };
}

/**
 * Whether an entry lets a verified visitor of the tenant in. An `anyone` that found its way into stored data admits
 * nobody. In report mode every user may sign in, so that the log can say whom the rules would have denied; machines
 * still need a rule.
 */
export function admits(entry: Entry, visitor: Visitor): boolean {
  if (entry.report && visitor.kind !== "app" && visitor.scopes === undefined) return true;
  return admission(admitting({ ...entry, anyone: false }), visitor) !== undefined;
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
