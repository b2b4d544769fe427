import { readPath } from "../paths/reading.ts";
import { compilePolicy, groupIds } from "./compile.ts";
import { createDecider } from "./decide.ts";
import type { Decision, Visitor } from "./model.ts";
import { placeOf } from "./problem.ts";
import type { Policy, PolicyTest } from "./schema.ts";

/** Outcome of one entry of the policy's `tests`. */
export interface PolicyTestResult {
  /** `tests[0]` */
  readonly place: string;
  readonly test: PolicyTest;
  readonly passed: boolean;
  readonly actual: "allow" | "deny";
  /** Which rule decided and why. A path that the gate refuses to read is `ambiguous-path` without a rule. */
  readonly decision: Decision;
}

/**
 * Runs the policy's own tests with the functions that the gate decides with. The path of each goes the way that a
 * request's would: through the URL parser, then `readPath`.
 */
export async function runPolicyTests(policy: Policy): Promise<PolicyTestResult[]> {
  // In report mode a test still says what the rules say, or nobody could tell what enforcing them would do.
  const deciderOf = async (environment: PolicyTest["in"]) =>
    createDecider({ ...(await compilePolicy(policy, environment)), report: false });
  const deciders = { preview: await deciderOf("preview"), production: await deciderOf("production") };
  return policy.tests.map((test, index) => {
    const { pathname } = new URL(`https://site.invalid${test.get}`);
    // Who is let in is what a test is about: whatever step-up a rule wants, its visitor has just met.
    const decision = deciders[test.in](readPath(pathname), visitorOf(test.as, policy), 1);
    const actual = decision.allowed ? "allow" : "deny";
    return { place: placeOf(["tests", index]), test, passed: actual === test.expect, actual, decision };
  });
}

const contexts = Array.from({ length: 99 }, (_, index) => `c${index + 1}`);
const nobody = "00000000-0000-0000-0000-000000000000";

/** The visitor that a test's `as` describes, who has met every step-up; undefined for somebody not signed in. */
export function visitorOf(as: PolicyTest["as"], policy: Policy): Visitor | undefined {
  if (as === "anyone") return undefined;
  const { groups, roles, app, scopes } = typeof as === "string" ? {} : as;
  return {
    kind: as === "guests" ? "guest" : app === undefined ? "user" : "app",
    tid: nobody,
    oid: nobody,
    name: "test",
    groups: groupIds(groups, policy.groups),
    roles: roles ?? [],
    authTime: 1,
    acrs: contexts,
    ...(app === undefined ? {} : { app }),
    ...(scopes === undefined ? {} : { scopes }),
  };
}
