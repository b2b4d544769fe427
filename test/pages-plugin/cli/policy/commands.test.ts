import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parsePolicy } from "../../../../contract/policy/parse.ts";
import { explainPath } from "../../../../pages-plugin/src/cli/policy/explain-path.ts";
import { matricesOf } from "../../../../pages-plugin/src/cli/policy/matrix.ts";
import { readPolicyFile } from "../../../../pages-plugin/src/cli/policy/read.ts";
import { testPolicy } from "../../../../pages-plugin/src/cli/policy/run-tests.ts";

const written = {
  groups: { reviewers: "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11" },
  roles: ["Site.Admin"],
  preview: {
    rules: [
      { path: "/open/*", allow: "anyone" },
      { path: "/admin/*", allow: { roles: ["Site.Admin"] }, signedInWithin: "15m" },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
  production: { rules: [{ path: "/*", allow: "members" }] },
};

function policyOf(more: object = {}) {
  const parsed = parsePolicy({ ...written, ...more });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

describe("entra-gate test", () => {
  it("tells each test's outcome, and fails where one does", async () => {
    const good = { in: "preview", as: { groups: ["reviewers"] }, get: "/docs/", expect: "allow" };
    expect(await testPolicy(policyOf({ tests: [good] }), { matrix: false })).toMatchObject({ exit: 0 });
    const outcome = await testPolicy(policyOf({ tests: [good, { ...good, expect: "deny" }] }), {
      matrix: false,
    });
    expect(outcome).toMatchObject({ exit: 1, data: { passed: 1, failed: 1 } });
  });

  it("shows who sees what: each rule by each kind of visitor that the policy speaks of", async () => {
    const [preview] = await matricesOf(policyOf());
    expect(preview?.visitors).toEqual(["anyone", "members", "guests", "group reviewers", "role Site.Admin"]);
    expect(preview?.rows.map(({ path, cells }) => [path, ...cells])).toEqual([
      ["/open/*", "yes", "yes", "yes", "yes", "yes"],
      ["/admin/*", "no", "no", "no", "no", "again"],
      ["/*", "no", "no", "no", "yes", "no"],
    ]);
  });
});

describe("entra-gate explain <path>", () => {
  const decisionOf = async (path: string, as: string[], environment: "preview" | "production" = "preview") =>
    ((await explainPath(path, policyOf(), environment, as)).data as { decision: object }).decision;

  it.each([
    ["/open/x", [], { allowed: true, rule: "preview.rules[0]" }],
    ["/docs/?q=1#top", [], { allowed: false, reason: "sign-in" }],
    ["/admin/x", ["groups=reviewers"], { allowed: false, rule: "preview.rules[1]", reason: "not-admitted" }],
    ["/admin/x", ["groups=reviewers", "roles=Site.Admin"], { allowed: true, rule: "preview.rules[1]" }],
    ["/%2fadmin/", ["roles=Site.Admin"], { allowed: false, reason: "ambiguous-path" }],
  ])("decides %s as %j as the gate does", async (path, as, expected) => {
    expect(await decisionOf(path, as)).toMatchObject(expected);
  });

  it("names each rule that was asked, up to the one that decides", async () => {
    const { data } = await explainPath("/admin/x", policyOf(), "preview", ["members"]);
    const { steps } = data as { steps: string[] };
    expect(steps.filter((step) => step.includes("preview.rules[")).length).toBe(3);
    expect(steps.join()).not.toContain("preview.rules[2]");
  });

  it("says what the rules say in report mode, too, and that it is let through all the same", async () => {
    const policy = policyOf({ preview: { ...written.preview, mode: "report" } });
    const { data } = await explainPath("/admin/x", policy, "preview", ["members"]);
    expect(data).toMatchObject({ mode: "report", decision: { allowed: false, rule: "preview.rules[1]" } });
    const { steps } = data as { steps: string[] };
    expect(steps.at(-1)).toContain("Report mode");
    expect(steps.filter((step) => step.includes("does not cover it")).length).toBe(1);
    const [preview] = await matricesOf(policy);
    expect(preview?.rows.at(1)?.cells).toEqual(["no", "no", "no", "no", "again"]);
  });

  it.each([
    ["admin", [], "path-invalid"],
    ["//evil.example", [], "path-invalid"],
    ["/", ["groups=reviwers"], "visitor-invalid"],
    ["/", ["email=a@b"], "visitor-invalid"],
  ])("refuses %s as %j", async (path, as, code) => {
    await expect(explainPath(path, policyOf(), "preview", as)).rejects.toMatchObject({ code });
  });
});

describe("a policy file", () => {
  const folder = mkdtempSync(join(tmpdir(), "entra-gate-policy-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is refused with all its problems at once", () => {
    const file = join(folder, "gate.json");
    writeFileSync(file, JSON.stringify({ ...written, preveiw: {}, roles: ["a b"] }));
    try {
      readPolicyFile(file);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "policy-invalid" });
      expect((error as Error).message).toMatch(/preveiw[\s\S]*roles|roles[\s\S]*preveiw/);
    }
  });

  it("is missed by name", () => {
    expect(() => readPolicyFile(join(folder, "none.json"))).toThrow(
      expect.objectContaining({ code: "policy-missing" }),
    );
  });
});
