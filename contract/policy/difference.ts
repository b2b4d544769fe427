import { compilePolicy } from "./compile.ts";
import type { CompiledAllow, CompiledPolicy, CompiledRule, Environment } from "./model.ts";
import { needsOf } from "./needs.ts";
import type { Policy } from "./schema.ts";

/** What one policy means beside another, in words for people who review it. */
export interface PolicyDifference {
  /** What changes for visitors, what opens first. */
  readonly rules: readonly string[];
  /** What the action would change in Entra. */
  readonly entra: readonly string[];
}

interface Place {
  readonly path: string;
  readonly before: CompiledRule | undefined;
  readonly after: CompiledRule | undefined;
}

/** Says what becomes of each path that either policy names: two texts may differ much and mean the same, or little and open all. */
export async function policyDifference(before: Policy, after: Policy): Promise<PolicyDifference> {
  const environments: readonly Environment[] = ["preview", "production"];
  const pairs = await Promise.all(
    environments.map(async (environment) => ({
      before: await compilePolicy(before, environment),
      after: await compilePolicy(after, environment),
    })),
  );
  const lines = pairs.flatMap((pair) => [
    ...sectionLines(pair.before, pair.after),
    ...ruleLines(pair.before, pair.after),
  ]);
  const rules = [...lines, ...sharedLines(before, after)];
  return {
    rules: [...rules.filter(opens), ...rules.filter((line) => !opens(line))],
    entra: entraLines(before, after),
  };
}

/** Whether a line tells of something that anyone may see from now on; what it was before does not matter. */
function opens(line: string): boolean {
  return /: for anyone\b|^\w+ (is not gated|only reports)/.test(line);
}

/** What holds for an environment as a whole. */
function sectionLines(before: CompiledPolicy, after: CompiledPolicy): string[] {
  const { environment } = after;
  const lines: string[] = [];
  if (before.open !== after.open)
    lines.push(`${environment} ${after.open ? "is not gated any more: open to anyone" : "is gated"}`);
  if (!before.report !== !after.report)
    lines.push(
      `${environment} ${after.report ? "only reports what its rules would deny" : "enforces its rules"}`,
    );
  if (!before.bearer !== !after.bearer)
    lines.push(`${environment} ${after.bearer ? "takes" : "takes no"} access tokens of Entra directly`);
  if (before.expires !== after.expires)
    lines.push(
      `${environment}: deployments ${after.expires === undefined ? "do not expire" : `expire after ${duration(after.expires)}`}`,
    );
  return lines;
}

function ruleLines(before: CompiledPolicy, after: CompiledPolicy): string[] {
  if (before.open || after.open) return [];
  const paths = [...new Set([...before.rules, ...after.rules].map(({ path }) => path))];
  const names = { ...before.groupNames, ...after.groupNames };
  return paths
    .map((path): Place => ({ path, before: ruleOf(before, path), after: ruleOf(after, path) }))
    .flatMap((place) => {
      const was = describe(place.before, names);
      const is = describe(place.after, names);
      return was === is ? [] : [`${place.path} in ${after.environment}: for ${is}; it was for ${was}`];
    });
}

/** The first rule that covers the whole of a path; one that covers a part has a line of its own. */
function ruleOf({ rules }: CompiledPolicy, path: string): CompiledRule | undefined {
  const base = path.replace(/\/\*$/, "");
  return rules.find((rule) => {
    if (rule.path === path) return true;
    if (!rule.path.endsWith("/*")) return false;
    const above = rule.path.slice(0, -2);
    return base === above || base.startsWith(`${above}/`);
  });
}

function describe(rule: CompiledRule | undefined, names: CompiledPolicy["groupNames"]): string {
  if (rule === undefined) return "nobody";
  const who = people(rule.allow, names);
  const { signedInWithin, authContext, cors } = rule;
  return [
    who.length === 0 ? "nobody" : who.join(", "),
    ...(signedInWithin === undefined ? [] : [`signed in within ${duration(signedInWithin)}`]),
    ...(authContext === undefined ? [] : [`having met ${authContext}`]),
    ...(cors === undefined
      ? []
      : [
          `also asked for by scripts of ${cors.origins.join(", ")}${cors.credentials ? " with the visitor's session" : ""}`,
        ]),
  ].join(", ");
}

function people(allow: CompiledAllow, names: CompiledPolicy["groupNames"]): string[] {
  return [
    ...(allow.anyone ? ["anyone"] : []),
    ...(allow.members ? ["members"] : []),
    ...(allow.guests ? ["guests"] : []),
    ...allow.groups.map((id) => `group ${names[id] ?? id}`).sort(),
    ...allow.roles.map((role) => `role ${role}`).sort(),
    ...allow.apps.map((app) => `app ${app}`).sort(),
    ...(allow.scopes ?? []).map((scope) => `scope ${scope}`).sort(),
  ];
}

/** What both environments share. */
function sharedLines(before: Policy, after: Policy): string[] {
  const lines = Object.entries(after.groups).flatMap(([name, id]) => {
    const was = before.groups[name];
    return was === undefined || was === id ? [] : [`the group name ${name} stands for ${id}; it was ${was}`];
  });
  for (const key of ["lifetime", "recheck"] as const)
    if (before.session[key] !== after.session[key])
      lines.push(
        `session.${key} is ${duration(after.session[key])}; it was ${duration(before.session[key])}`,
      );
  return lines;
}

/** Roles are only ever added: what a policy no longer names stays at the application. */
function entraLines(before: Policy, after: Policy): string[] {
  const known = needsOf(before);
  const wanted = needsOf(after);
  return [
    ...wanted.roles.filter((role) => !known.roles.includes(role)).map((role) => `app role ${role} is added`),
    ...(known.groups.length === 0 && wanted.groups.length > 0 ? ["group claims are asked for"] : []),
  ];
}

function duration(seconds: number): string {
  for (const [unit, length] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
  ] as const)
    if (seconds % length === 0) return `${seconds / length}${unit}`;
  return `${seconds}s`;
}
