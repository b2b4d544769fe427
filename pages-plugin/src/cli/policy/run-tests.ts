import type { Policy } from "../../../../contract/policy/schema.ts";
import { runPolicyTests } from "../../../../contract/policy/tests.ts";
import type { Outcome } from "../outcome.ts";
import { matricesOf, matrixText } from "./matrix.ts";

/**
 * `entra-gate test`: runs the policy's own tests with the functions that the gate decides with.
 *
 * @param matrix adds who sees what: rules by kinds of visitor
 * @returns exit code 1 where a test fails
 */
export async function testPolicy(policy: Policy, { matrix }: { readonly matrix: boolean }): Promise<Outcome> {
  const results = await runPolicyTests(policy);
  const failed = results.filter(({ passed }) => !passed).length;
  const lines = results.map(({ place, test, passed, actual, decision }) => {
    const why = `${decision.reason}${decision.rule === undefined ? "" : `, ${decision.rule}`}`;
    const who = typeof test.as === "string" ? test.as : JSON.stringify(test.as);
    const expected = passed ? "" : `expected ${test.expect}, `;
    return `${passed ? "ok  " : "FAIL"} ${place}: ${test.get} in ${test.in} as ${who}: ${expected}${actual} (${why})`;
  });
  const matrices = matrix ? await matricesOf(policy) : undefined;
  const summary =
    results.length === 0
      ? "The policy has no tests of its own; it is valid."
      : `${results.length - failed} passed, ${failed} failed`;
  return {
    text: [...(matrices === undefined ? [] : [matrixText(matrices, policy), ""]), ...lines, summary].join(
      "\n",
    ),
    data: {
      passed: results.length - failed,
      failed,
      results,
      ...(matrices === undefined ? {} : { matrices }),
    },
    exit: failed === 0 ? 0 : 1,
  };
}
