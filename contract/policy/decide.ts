import type { PathReading } from "../paths/reading.ts";
import type { CompiledAllow, CompiledPolicy, Decision, StepUp, Visitor } from "./model.ts";

/** Decides about one request; see `createDecider`. */
export type Decider = (reading: PathReading, visitor?: Visitor, now?: number) => Decision;

type Admission = Extract<Decision, { allowed: true; rule: string }>["reason"];

/** Lists of an `allow` in the form in which membership is asked. */
interface Admitting {
  readonly anyone: boolean;
  readonly members: boolean;
  readonly guests: boolean;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly apps: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
}

interface Rule {
  readonly id: string;
  /** Path without `/*`; a rule for the whole site has "". */
  readonly base: string;
  readonly below: boolean;
  readonly allow: Admitting;
  /** Undefined for most rules, so that those cost nothing. */
  readonly stepUp: StepUp | undefined;
}

const unreadable: Decision = { allowed: false, reason: "ambiguous-path" };
const noRule: Decision = { allowed: false, reason: "no-rule" };

/**
 * Prepares one environment's rules once, for many requests. The first rule that covers the path decides; no rule: denied.
 *
 * Where a path has alternative readings, or a rule could match in another case (the functions router ignores case,
 * the asset server doesn't), the visitor passes only if the deciding rule of every reading admits him. What is
 * compared is who is admitted and not which rule decided, so that a file with a literal `%` in its name works
 * for everybody who may see both places it might be.
 *
 * @returns a function of the request's path (`readPath`), its verified visitor, if there is one, and the time in
 *   seconds since 1970, without which no `signedInWithin` is met. It never throws.
 *   A path that could not be read is denied as `ambiguous-path`. In report mode everything is let through, and what
 *   the rules would have denied says why.
 */
export function createDecider(policy: CompiledPolicy): Decider {
  const decide = enforcing(policy);
  if (!policy.report) return decide;
  return (reading, visitor, now) => {
    const decision = decide(reading, visitor, now);
    return decision.allowed
      ? decision
      : { ...decision, allowed: true, reason: "report", denied: decision.reason };
  };
}

function enforcing(policy: CompiledPolicy): Decider {
  if (policy.open) {
    const open: Decision = { allowed: true, rule: policy.environment, reason: "open" };
    return () => open;
  }
  const rules = policy.rules.map(prepared);
  const anyCase = rules.map((rule) => ({ ...rule, base: rule.base.toLowerCase() }));
  const caseMatters = rules.some((rule, index) => rule.base !== anyCase[index]?.base);

  const passesAs = (path: string, visitor: Visitor | undefined, now: number | undefined): boolean =>
    passes(firstMatch(rules, path), visitor, now) &&
    (!caseMatters || passes(firstMatch(anyCase, path.toLowerCase()), visitor, now));

  return (reading, visitor, now) => {
    if (!reading.ok) return unreadable;
    const rule = firstMatch(rules, reading.path);
    if (rule === undefined) return noRule;
    const reason = admission(rule.allow, visitor);
    if (reason === undefined) {
      return { allowed: false, rule: rule.id, reason: visitor === undefined ? "sign-in" : "not-admitted" };
    }
    if (!isMet(rule.stepUp, visitor, now)) return { allowed: false, rule: rule.id, reason: "step-up" };
    const { alternatives } = reading;
    if (
      (caseMatters && !passesAs(reading.path, visitor, now)) ||
      (alternatives.length > 0 && !alternatives.every((path) => passesAs(path, visitor, now)))
    ) {
      return { allowed: false, rule: rule.id, reason: "ambiguous-path" };
    }
    return { allowed: true, rule: rule.id, reason };
  };
}

function prepared(rule: CompiledPolicy["rules"][number]): Rule {
  const below = rule.path.endsWith("/*");
  return {
    id: rule.id,
    base: below ? rule.path.slice(0, -2) : rule.path,
    below,
    allow: admitting(rule.allow),
    stepUp: rule.signedInWithin === undefined && rule.authContext === undefined ? undefined : rule,
  };
}

function passes(rule: Rule | undefined, visitor: Visitor | undefined, now: number | undefined): boolean {
  return (
    rule !== undefined && admission(rule.allow, visitor) !== undefined && isMet(rule.stepUp, visitor, now)
  );
}

/**
 * Whether somebody has proved as much as is wanted. Nobody has where it isn't known.
 *
 * @param now seconds since 1970
 */
export function isMet(
  wanted: StepUp | undefined,
  visitor: Pick<Visitor, "authTime" | "acrs"> | undefined,
  now: number | undefined,
): boolean {
  if (wanted === undefined) return true;
  const { signedInWithin, authContext } = wanted;
  const age = (now ?? Number.NaN) - (visitor?.authTime ?? Number.NaN);
  return (
    (signedInWithin === undefined || age <= signedInWithin) &&
    (authContext === undefined || visitor?.acrs?.includes(authContext) === true)
  );
}

function firstMatch(rules: readonly Rule[], path: string): Rule | undefined {
  for (const rule of rules) {
    const { base } = rule;
    if (!path.startsWith(base)) continue;
    if (path.length === base.length || (rule.below && path.charCodeAt(base.length) === 47)) return rule;
  }
  return undefined;
}

/** Turns the lists of an `allow` (or of an entry) into sets. */
export function admitting(allow: CompiledAllow): Admitting {
  return {
    anyone: allow.anyone,
    members: allow.members,
    guests: allow.guests,
    groups: new Set(allow.groups),
    roles: new Set(allow.roles),
    apps: new Set(allow.apps),
    scopes: new Set(allow.scopes),
  };
}

function holdsAny(set: ReadonlySet<string>, names: readonly string[]): boolean {
  for (const name of names) if (set.has(name)) return true;
  return false;
}

/**
 * Why somebody is let in, or `undefined`. A kind that is not known (claim missing) is neither member nor guest.
 *
 * A user for whom an application asks with an access token (`scopes` is there, be it empty) is let in by a rule's
 * scopes and by nothing else: what he may see himself, not every application may see that he uses. An application that
 * asks for itself is let in by its roles or its id; groups are for people.
 */
export function admission(allow: Admitting, visitor: Visitor | undefined): Admission | undefined {
  if (allow.anyone) return "anyone";
  if (visitor === undefined) return undefined;
  const { kind, app, scopes } = visitor;
  if (scopes !== undefined) return holdsAny(allow.scopes, scopes) ? "scope" : undefined;
  if (allow.members && kind === "user") return "members";
  if (allow.guests && kind === "guest") return "guests";
  if (kind !== "app" && holdsAny(allow.groups, visitor.groups)) return "group";
  if (holdsAny(allow.roles, visitor.roles)) return "role";
  if (kind === "app" && app !== undefined && allow.apps.has(app)) return "app";
  return undefined;
}
