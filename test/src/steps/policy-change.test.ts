import { describe, expect, it } from "vitest";
import { parsePolicyText } from "../../../contract/policy/parse.ts";
import { readPolicyChange } from "../../../src/steps/policy-change.ts";
import type { Outcome } from "../../../src/steps/report-model.ts";
import { reportMarkdown } from "../../../src/steps/report-text.ts";

const base = { production: "open", preview: { rules: [{ path: "/*", allow: "members" }] } };
const opened = {
  ...base,
  preview: { rules: [{ path: "/docs/*", allow: "anyone" }, ...base.preview.rules] },
  tests: [{ in: "preview", get: "/docs/", expect: "deny" }],
};

function changeTo(text: string | undefined) {
  const parsed = parsePolicyText(JSON.stringify(base));
  if (!parsed.ok) throw new Error("not valid");
  return readPolicyChange({ fileAt: async () => text }, "gate.json", "f".repeat(40), parsed.policy);
}

describe("what a pull request would make of the policy", () => {
  it("is nothing where it is the same, however it is written", async () => {
    const { production, preview } = base;
    expect(await changeTo(JSON.stringify({ preview, production }, null, 4))).toBeUndefined();
  });

  it("is told in words, with the outcome of its own tests", async () => {
    expect(await changeTo(JSON.stringify(opened))).toMatchObject({
      rules: ["/docs/* in preview: for anyone; it was for members"],
      tests: { passed: 0, failed: [expect.stringContaining("tests[0]")] },
      problems: [],
    });
  });

  it.each([undefined, "{", '{"preview":{"rules":[{"path":"nope"}]}}'])(
    "is a problem where it is %s",
    async (text) => {
      const change = await changeTo(text);
      expect(change?.problems.length).toBeGreaterThan(0);
      expect(change?.rules).toEqual([]);
    },
  );

  it("stands in the comment as text, whatever it holds", async () => {
    const policyChange = await changeTo(
      JSON.stringify({ ...base, groups: { g: "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11" }, roles: ["<b>|`x`"] }),
    );
    const outcome: Outcome = {
      subject: {
        project: "site",
        environment: "preview",
        commit: "f".repeat(40),
        pullRequest: 7,
        runUrl: "https://github.example/run",
      } as Outcome["subject"],
      gated: true,
      verified: true,
      changes: [],
      ...(policyChange && { policyChange }),
    };
    const comment = reportMarkdown(outcome, { changes: false });
    expect(comment).toContain("app role");
    expect(comment).not.toContain("<b>");
    expect(comment).not.toContain("`x`");
  });
});
