import { readPath } from "../../../../contract/paths/reading.ts";
import { compilePolicy } from "../../../../contract/policy/compile.ts";
import { createDecider } from "../../../../contract/policy/decide.ts";
import type {
  CompiledPolicy,
  CompiledRule,
  Decision,
  Environment,
  Visitor,
} from "../../../../contract/policy/model.ts";
import type { Policy, PolicyTest } from "../../../../contract/policy/schema.ts";
import { visitorOf } from "../../../../contract/policy/tests.ts";
import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";

/**
 * Says step by step which rule decides about a path, and why.
 *
 * @param asked path as a browser would send it, with or without a query
 * @param as who asks: `anyone`, `members`, `guests`, or `groups=a,b roles=C app=<client id> scopes=D`
 * @throws CommandFault path-invalid, visitor-invalid
 */
export async function explainPath(
  asked: string,
  policy: Policy,
  environment: Environment,
  as: readonly string[],
): Promise<Outcome> {
  if (!asked.startsWith("/") || asked.startsWith("//"))
    throw new CommandFault(
      "path-invalid",
      `${JSON.stringify(asked)} is no path: write it as in a request, "/admin/".`,
    );
  const who = visitorFrom(as, policy);
  const { report = false, ...compiled } = await compilePolicy(policy, environment);
  const { pathname } = new URL(`https://site.invalid${asked}`);
  const reading = readPath(pathname);
  const visitor = visitorOf(who, policy);
  const decision = createDecider(compiled)(reading, visitor, 1);
  const steps = [
    `${asked} in ${environment}, asked for by ${typeof who === "string" ? who : as.join(" ")}`,
    reading.ok
      ? `The path is read as ${reading.path}${reading.alternatives.length > 0 ? `, perhaps also as ${reading.alternatives.join(", ")}` : ""}.`
      : `The path can be read in more than one way (${reading.reason}): refused whoever asks.`,
    ...(reading.ok && !compiled.open ? rulesTried(compiled, reading.path, visitor) : []),
    conclusion(decision, compiled),
    ...(report && !decision.allowed ? ["Report mode: it is let through all the same, and logged."] : []),
  ];
  return {
    text: steps.join("\n"),
    data: { path: asked, environment, mode: report ? "report" : "enforce", reading, decision, steps },
    exit: 0,
  };
}

/** One line for each rule until the one that decides. */
function rulesTried(compiled: CompiledPolicy, path: string, visitor: Visitor | undefined): string[] {
  const lines: string[] = [];
  for (const rule of compiled.rules) {
    const alone = createDecider({ ...compiled, rules: [rule] })(
      { ok: true, path, alternatives: [] },
      visitor,
      1,
    );
    const covers = alone.allowed || alone.reason !== "no-rule";
    const admits = alone.allowed ? `lets this visitor in (${alone.reason})` : "does not let this visitor in";
    lines.push(
      `  ${rule.id} ${rule.path} ${covers ? `covers it and ${admits}${stepUpOf(rule)}` : "does not cover it"}`,
    );
    if (covers) break;
  }
  return lines;
}

function stepUpOf({ signedInWithin, authContext }: CompiledRule): string {
  const wanted = [
    ...(signedInWithin === undefined ? [] : [`a sign-in within ${signedInWithin} s`]),
    ...(authContext === undefined ? [] : [`the authentication context ${authContext}`]),
  ];
  return wanted.length === 0 ? "" : `, and wants ${wanted.join(" and ")}`;
}

function conclusion(decision: Decision, { open }: CompiledPolicy): string {
  if (open) return "Allowed: this environment is not gated.";
  if (decision.allowed) return `Allowed by ${decision.rule}.`;
  switch (decision.reason) {
    case "no-rule":
      return "Denied: no rule covers it.";
    case "ambiguous-path":
      return "Denied: not every way to read the path lets this visitor in.";
    case "sign-in":
      return `Denied until somebody signs in (${decision.rule}).`;
    default:
      return `Denied by ${decision.rule}: ${decision.reason}.`;
  }
}

const lists = ["groups", "roles", "scopes"];

function visitorFrom(as: readonly string[], policy: Policy): PolicyTest["as"] {
  const [only] = as;
  if (only === undefined) return "anyone";
  if (as.length === 1 && (only === "anyone" || only === "members" || only === "guests")) return only;
  const parts = as.map((word): [string, string | string[]] => {
    const [name = "", value = ""] = word.split(/=(.*)/s);
    if (lists.includes(name)) return [name, value.split(",").filter(Boolean)];
    if (name === "app") return [name, value.toLowerCase()];
    throw new CommandFault(
      "visitor-invalid",
      `--as ${JSON.stringify(word)}: write anyone, members, guests, or groups=a,b roles=C app=<client id> scopes=D.`,
    );
  });
  const who = Object.fromEntries(parts) as Exclude<PolicyTest["as"], string>;
  const unknown = (who.groups ?? []).find((name) => !Object.hasOwn(policy.groups, name));
  if (unknown !== undefined)
    throw new CommandFault(
      "visitor-invalid",
      `--as names the group ${JSON.stringify(unknown)}, which the policy does not; it has ${Object.keys(policy.groups).join(", ") || "none"}.`,
    );
  return who;
}
