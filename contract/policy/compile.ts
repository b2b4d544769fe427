import { digestOf } from "./digest.ts";
import type { CompiledAllow, CompiledPolicy, Environment } from "./model.ts";
import type { Policy, PolicyAllow } from "./schema.ts";

type Preview = NonNullable<Policy["preview"]>;
type Production = Exclude<NonNullable<Policy["production"]>, "open">;
const noSection: Production = { rules: [] };

/**
 * One environment of a policy in the form that the gate evaluates: group names replaced by object ids, every list
 * there. An environment that the policy doesn't mention has no rules, so everything in it is denied.
 *
 * @param policy as `parsePolicy` gave it
 */
export async function compilePolicy(policy: Policy, environment: Environment): Promise<CompiledPolicy> {
  const { $schema: _, ...content } = policy;
  const section = policy[environment];
  const { rules: written, ...rest } = section === undefined || section === "open" ? noSection : section;
  const { mode, expires, card, bearer } = rest as Partial<Preview & Production>;
  const rules = written.map((rule, index) => ({
    id: `${environment}.rules[${index}]`,
    path: rule.path,
    allow: compiledAllow(rule.allow, policy.groups),
    ...(rule.signedInWithin === undefined ? {} : { signedInWithin: rule.signedInWithin }),
    ...(rule.authContext === undefined ? {} : { authContext: rule.authContext }),
    ...(rule.cors === undefined ? {} : { cors: rule.cors }),
  }));
  const mentioned = new Set(rules.flatMap((rule) => rule.allow.groups));
  const names = Object.entries(policy.groups).filter(([, id]) => mentioned.has(id));
  return {
    environment,
    digest: await digestOf(content),
    open: section === "open",
    ...(mode === "report" ? { report: true } : {}),
    rules,
    groupNames: Object.fromEntries(names.map(([name, id]) => [id, name])),
    lifetime: policy.session.lifetime,
    recheck: Math.min(policy.session.recheck, policy.session.lifetime),
    ...(expires === undefined ? {} : { expires }),
    ...(policy.contact === undefined ? {} : { contact: policy.contact }),
    ...(policy.name === undefined ? {} : { name: policy.name }),
    ...(card ? { card } : {}),
    ...(bearer ? { bearer } : {}),
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
    ...(lists.scopes === undefined ? {} : { scopes: lists.scopes }),
  };
}

/** Object ids of named groups. A name that is not in the list, which `parsePolicy` refuses, admits nobody. */
export function groupIds(names: readonly string[] | undefined, groups: Policy["groups"]): string[] {
  return (names ?? [])
    .flatMap((name) => (Object.hasOwn(groups, name) ? [groups[name] ?? ""] : []))
    .filter(Boolean);
}
