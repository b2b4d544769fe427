import { parsePolicyText } from "../../contract/policy/parse.ts";
import type { Problem } from "../../contract/policy/problem.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import { runPolicyTests } from "../../contract/policy/tests.ts";
import { ActionError } from "../errors.ts";

export interface PolicySource {
  /** Text of a file as of a commit; undefined where there is none. */
  fileAt(path: string, commit: string): Promise<string | undefined>;
}

/**
 * Reads the policy from the default branch, never from a workspace or an artifact, and runs its own tests.
 * @param commit at the tip of the default branch
 * @throws ActionError policy-missing, policy-invalid, policy-tests-failed, github-*
 */
export async function readPolicy(source: PolicySource, path: string, commit: string): Promise<Policy> {
  const text = await source.fileAt(path, commit);
  if (text === undefined) throw new ActionError("policy-missing", `Looked for ${path} at ${commit}.`);
  const parsed = parsePolicyText(text);
  if (!parsed.ok)
    throw new ActionError("policy-invalid", parsed.problems.map((one) => problemLine(path, one)).join("\n"));
  const failed = (await runPolicyTests(parsed.policy)).filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const lines = failed.map(
      ({ place, test, actual, decision }) =>
        `${path}: ${place}: ${test.get} in ${test.in}: expected ${test.expect}, got ${actual} (${decision.rule ?? decision.reason})`,
    );
    throw new ActionError("policy-tests-failed", lines.join("\n"));
  }
  return parsed.policy;
}

/** A problem as one line of text. */
export function problemLine(path: string, { place, message, remedy }: Problem): string {
  return `${path}: ${place === "" ? "" : `${place} `}${message}; ${remedy}`;
}
