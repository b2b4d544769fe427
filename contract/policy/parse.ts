import * as v from "valibot";
import { meaningProblems } from "./meaning.ts";
import { type Problem, problemAt, problemText } from "./problem.ts";
import { type Policy, policySchema } from "./schema.ts";
import { unknownKeys } from "./unknown-keys.ts";

export type { Problem } from "./problem.ts";
export type { Policy } from "./schema.ts";

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Issue = v.BaseIssue<unknown>;

/**
 * Checks a policy and reads it. All problems are told at once, each with its place and what to write instead.
 * Anything that this version would not enforce is a problem, never ignored.
 *
 * @param json gate.json's content as parsed JSON
 */
export function parsePolicy(json: unknown): PolicyResult {
  const result = v.safeParse(policySchema, json);
  const problems = [
    ...(result.issues ?? []).flatMap((issue) => shapeProblems(issue, [])),
    ...unknownKeys(policySchema, json),
    ...meaningProblems(json),
  ];
  if (problems.length > 0 || !result.success) return { ok: false, problems };
  return { ok: true, policy: result.output };
}

/** The same for the text of gate.json; a mistake in its JSON is a problem of the file as a whole. */
export function parsePolicyText(text: string): PolicyResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const problem = problemText(
      `is no JSON: ${detail.replaceAll("\n", " ")}`,
      "write plain JSON, without comments",
    );
    return { ok: false, problems: [problemAt([], problem)] };
  }
  return parsePolicy(json);
}

function shapeProblems(issue: Issue, base: readonly (string | number)[]): Problem[] {
  const path = [...base, ...(issue.path ?? []).map((item) => item.key as string | number)];
  if (issue.expected === "never") return []; // told by unknownKeys
  if (issue.type === "union" && issue.issues !== undefined && issue.received === "Object") {
    const inner = issue.issues.filter((one) => one.path !== undefined);
    if (inner.length > 0) return inner.flatMap((one) => shapeProblems(one, path));
  }
  if (issue.kind === "schema") return [problemAt(path, shapeText(issue))];
  return [problemAt(path, issue.message)];
}

function shapeText(issue: Issue): string {
  if (issue.received === "undefined") return problemText("is missing", `write ${expectation(issue)}`);
  return problemText(`is ${issue.received.slice(0, 80)}`, `write ${expectation(issue)}`);
}

const kinds: Readonly<Record<string, string>> = {
  Object: "an object: { … }",
  Array: "a list: [ … ]",
  string: "text in quotes",
  boolean: "true or false",
};

function expectation(issue: Issue): string {
  if (issue.type === "strict_object" && issue.received === "undefined" && issue.path !== undefined)
    return "it";
  const words = (issue.expected ?? "something else").replace(/[()]/g, "").split(" | ");
  return words.map((word) => kinds[word] ?? word).join(" or ");
}
