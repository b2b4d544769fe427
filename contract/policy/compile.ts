import { digestOf } from "./digest.ts";
import type { CompiledAllow, CompiledPolicy, Environment } from "./model.ts";
import type { Policy, PolicyAllow } from "./schema.ts";

/**
 * One environment of a policy in the form that the gate evaluates: group names replaced by object ids, every list
 * there. An environment that the policy doesn't mention has no rules, so everything in it is denied.
 *
 * @param policy as `parsePolicy` gave it
 */
export async function compilePolicy(policy: Policy, environment: Environment): Promise<CompiledPolicy> {
  const { $schema: _, ...content } = policy;
  const section = policy[environment];
  const written = section === undefined || section === "open" ? [] : section.rules;
  const expires = environment === "preview" ? policy.preview?.expires : undefined;
  const rules = written.map((rule, index) => ({
    id: `${environment}.rules[${index}]`,
    path: rule.path,
    allow: compiledAllow(rule.allow, policy.groups),
    ...(rule.signedInWithin === undefined ? {} : { signedInWithin: rule.signedInWithin }),
    ...(rule.authContext === undefined ? {} : { authContext: rule.authContext }),
  }));
  const mentioned = new Set(rules.flatMap((rule) => rule.allow.groups));
  const names = Object.entries(policy.groups).filter(([, id]) => mentioned.has(id));
  return {
    environment,
    digest: await digestOf(content),
    open: section === "open",
    rules,
    groupNames: Object.fromEntries(names.map(([name, id]) => [id, name])),
    lifetime: policy.session.lifetime,
    recheck: Math.min(policy.session.recheck, policy.session.lifetime),
    ...(expires === undefined ? {} : { expires }),
    ...(policy.contact === undefined ? {} : { contact: policy.contact }),
  };
}

function compiledAllow(allow: PolicyAllow, groups: Policy["groups"]): CompiledAllow {
  const lists = typeof allow === "string" ? {} : allow;
  return {
    anyone: allow === "anyone",
    members: allow === "members",
    guests: allow === "guests",
    groups: groupIds(lists.groups, groups),
    roles: lists.roles ?? [],
    apps: lists.apps ?? [],
  };
}

/** Object ids of named groups. A name that is not in the list, which `parsePolicy` refuses, admits nobody. */
export function groupIds(names: readonly string[] | undefined, groups: Policy["groups"]): string[] {
  return (names ?? [])
    .flatMap((name) => (Object.hasOwn(groups, name) ? [groups[name] ?? ""] : []))
    .filter(Boolean);
}
