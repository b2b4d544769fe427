import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../contract/policy/parse.ts";
import { policySchema } from "../../contract/policy/schema.ts";
import { runPolicyTests } from "../../contract/policy/tests.ts";
import { policyExample, policyPage, policySections } from "../../local/docs/policy-page.ts";

const sections = policySections();

/** `rules[].cors` of every object in the schema, however deep. */
const places = sections.flatMap(({ place, keys }) =>
  keys.map((key) => ({ ...key, at: `${place} ${key.name}` })),
);

describe("docs/policy.md", () => {
  it("knows every object of the policy's language", () => {
    expect(sections.map(({ place }) => place)).toEqual(
      expect.arrayContaining([
        "",
        "session",
        "audit",
        "preview, production",
        "rules[]",
        "rules[].allow",
        "rules[].cors",
        "tests[].as",
      ]),
    );
    const top = Object.keys(policySchema.entries);
    expect(sections[0]?.keys.map(({ name }) => name).toSorted()).toEqual(top.toSorted());
  });

  it.each(places)("says what $at means, with an example", ({ meaning, example }) => {
    expect(meaning).not.toBe("");
    expect(example).not.toBeUndefined();
  });

  it("has an example that is a policy, and whose tests pass", async () => {
    const parsed = parsePolicy(policyExample());
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const results = await runPolicyTests(parsed.policy);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  it("tells what has to be there, and in which environment it may be", () => {
    const page = policyPage();
    expect(page).toMatch(/^\| `path` \| [^|]+\| required \|/m);
    expect(page).toMatch(/^\| `bearer` \(production only\) \|/m);
    expect(page).toMatch(/^\| `lifetime` \| [^|]+\| `"8h"` \|/m);
  });
});
