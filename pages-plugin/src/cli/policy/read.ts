import { readFileSync } from "node:fs";
import { parsePolicyText } from "../../../../contract/policy/parse.ts";
import type { Policy } from "../../../../contract/policy/schema.ts";
import { CommandFault } from "../fault.ts";

/**
 * Reads a policy file.
 *
 * @throws CommandFault policy-missing, policy-invalid with every problem, its place and what to write
 */
export function readPolicyFile(file: string): Policy {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CommandFault("policy-missing", `${file} can't be read. Name the policy with --policy.`);
  }
  const parsed = parsePolicyText(text);
  if (parsed.ok) return parsed.policy;
  const problems = parsed.problems.map(
    ({ place, message, remedy }) => `  ${place === "" ? "the file" : place} ${message}: ${remedy}`,
  );
  throw new CommandFault("policy-invalid", [`${file} is not usable:`, ...problems].join("\n"));
}
