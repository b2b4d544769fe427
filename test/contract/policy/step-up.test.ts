import { describe, expect, test } from "vitest";
import { rewriteProblems } from "../../../contract/bundle/rewrites.ts";
import { readPath } from "../../../contract/paths/reading.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { runPolicyTests } from "../../../contract/policy/tests.ts";
import { visitor } from "./fixtures.ts";

const now = 1_800_000_000;
const json = {
  preview: {
    rules: [
      { path: "/Pay/*", allow: "members", signedInWithin: "15m" },
      { path: "/admin/*", allow: "members", signedInWithin: "15m", authContext: "c1" },
      { path: "/context/*", allow: "members", authContext: "c2" },
      { path: "/*", allow: "members" },
    ],
  },
  tests: [
    { in: "preview", as: "members", get: "/admin/x", expect: "allow" },
    { in: "preview", as: "guests", get: "/admin/x", expect: "deny" },
  ],
};

async function policyOf(value: unknown) {
  const result = parsePolicy(value);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

const compiled = async () => compilePolicy(await policyOf(json), "preview");

describe("a rule with a step-up", () => {
  test.each([
    ["just signed in, context met", { authTime: now, acrs: ["c1"] }, true],
    ["15 minutes ago", { authTime: now - 900, acrs: ["c1"] }, true],
    ["a second longer ago", { authTime: now - 901, acrs: ["c1"] }, false],
    ["Entra's clock ahead", { authTime: now + 45, acrs: ["c1"] }, true],
    ["never said when", { authTime: 0, acrs: ["c1"] }, false],
    ["no auth_time at all", { acrs: ["c1"] }, false],
    ["another context", { authTime: now, acrs: ["c2", "c10", "C1"] }, false],
    ["no contexts", { authTime: now }, false],
  ])("%s", async (_, proved, allowed) => {
    const decision = createDecider(await compiled())(readPath("/admin/x"), visitor(proved), now);
    expect(decision).toMatchObject(
      allowed ? { allowed } : { allowed, reason: "step-up", rule: "preview.rules[1]" },
    );
  });

  test("is met by nothing where nobody says what time it is", async () => {
    const decide = createDecider(await compiled());
    expect(decide(readPath("/admin/x"), visitor({ authTime: now, acrs: ["c1"] }))).toMatchObject({
      reason: "step-up",
    });
  });

  test("comes after the question who it is", async () => {
    const decide = createDecider(await compiled());
    expect(decide(readPath("/admin/x"), undefined, now)).toMatchObject({ reason: "sign-in" });
    expect(decide(readPath("/admin/x"), visitor({ kind: "guest" }), now)).toMatchObject({
      reason: "not-admitted",
    });
    expect(decide(readPath("/x"), visitor(), now)).toMatchObject({ allowed: true });
  });

  test.each(["/pay/x", "/PAY/x", "/%50ay/x", "/%2550ay/x", "/admin%2520/../pay/x"])(
    "holds for every reading of a path: %s",
    async (path) => {
      const { pathname } = new URL(path, "https://site.invalid");
      const decision = createDecider(await compiled())(
        readPath(pathname),
        visitor({ authTime: now - 901 }),
        now,
      );
      expect(decision.allowed).toBe(false);
    },
  );

  test("is known to the entry, each value once; without any the entry has no such key", async () => {
    expect(entryOf(await compiled()).stepUp).toEqual({ within: [900], contexts: ["c1", "c2"] });
    const plain = await policyOf({ preview: { rules: [{ path: "/*", allow: "members" }] } });
    expect(entryOf(await compilePolicy(plain, "preview"))).not.toHaveProperty("stepUp");
  });

  test("is met in the policy's own tests, which are about who is let in", async () => {
    expect((await runPolicyTests(await policyOf(json))).map(({ passed }) => passed)).toEqual([true, true]);
  });

  test("is not got round by a rewrite", async () => {
    const policy = await compiled();
    expect(rewriteProblems("/easy /Pay/now 200", policy)).toHaveLength(1);
    expect(rewriteProblems("/easy /context/x 200", policy)).toHaveLength(1);
    expect(rewriteProblems("/admin/x /Pay/now 200", policy)).toEqual([]);
    expect(rewriteProblems("/Pay/x /easy 200", policy)).toEqual([]);
  });
});
