import { compilePolicy } from "../../contract/policy/compile.ts";
import { policyDifference } from "../../contract/policy/difference.ts";
import { parsePolicyText } from "../../contract/policy/parse.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import { runPolicyTests } from "../../contract/policy/tests.ts";
import { type PolicySource, problemLine } from "./policy.ts";

/** What a pull request would make of the policy, once it is merged. Texts are the pull request's: escape them. */
export interface PolicyChange {
  readonly rules: readonly string[];
  readonly entra: readonly string[];
  /** Outcome of the changed policy's own tests. */
  readonly tests: { readonly passed: number; readonly failed: readonly string[] };
  /** Why the default branch would refuse it; nothing else is known then. */
  readonly problems: readonly string[];
}

/**
 * Compares the policy that a pull request proposes with the one that counts. It is for people to read and decides nothing.
 *
 * @param commit the pull request's head
 * @returns undefined where the two are the same
 * @throws ActionError github-*
 */
export async function readPolicyChange(
  source: PolicySource,
  path: string,
  commit: string,
  current: Policy,
): Promise<PolicyChange | undefined> {
  const text = await source.fileAt(path, commit);
  const none = { rules: [], entra: [], tests: { passed: 0, failed: [] } };
  if (text === undefined)
    return { ...none, problems: [`${path} is gone: nothing could be deployed any more.`] };
  const parsed = parsePolicyText(text);
  if (!parsed.ok) return { ...none, problems: parsed.problems.map((problem) => problemLine(path, problem)) };
  const digests = [current, parsed.policy].map(
    async (policy) => (await compilePolicy(policy, "preview")).digest,
  );
  if ((await digests[0]) === (await digests[1])) return undefined;
  const { rules, entra } = await policyDifference(current, parsed.policy);
  const results = await runPolicyTests(parsed.policy);
  const failed = results.filter(({ passed }) => !passed);
  return {
    rules,
    entra,
    tests: {
      passed: results.length - failed.length,
      failed: failed.map(
        ({ place, test, actual }) =>
          `${place}: ${test.get} in ${test.in}: expected ${test.expect}, got ${actual}`,
      ),
    },
    problems: [],
  };
}
