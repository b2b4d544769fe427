import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { canonicalJson, digestOf } from "../../../contract/policy/digest.ts";
import { admits, entryOf } from "../../../contract/policy/entry.ts";
import { needsOf } from "../../../contract/policy/needs.ts";
import { type Policy, parsePolicy } from "../../../contract/policy/parse.ts";
import { runPolicyTests } from "../../../contract/policy/tests.ts";
import { allowing, client, platform, reviewers, visitor } from "./fixtures.ts";

const source = {
  groups: { reviewers, platform },
  roles: ["B", "A"],
  session: { lifetime: "30m" },
  preview: {
    rules: [
      { path: "/.well-known/*", allow: "anyone" },
      { path: "/admin/*", allow: { roles: ["A"] } },
      { path: "/*", allow: { groups: ["reviewers"], apps: [client] } },
    ],
  },
  production: { rules: [{ path: "/*", allow: "members" }] },
};

function policyFrom(json: unknown): Policy {
  const result = parsePolicy(json);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

describe("compilePolicy", () => {
  test("names become ids; only groups that the environment's rules mention are named", async () => {
    expect(await compilePolicy(policyFrom(source), "preview")).toEqual({
      environment: "preview",
      digest: expect.stringMatching(/^[0-9a-f]{32}$/),
      open: false,
      rules: [
        { id: "preview.rules[0]", path: "/.well-known/*", allow: allowing({ anyone: true }) },
        { id: "preview.rules[1]", path: "/admin/*", allow: allowing({ roles: ["A"] }) },
        { id: "preview.rules[2]", path: "/*", allow: allowing({ groups: [reviewers], apps: [client] }) },
      ],
      groupNames: { [reviewers]: "reviewers" },
      lifetime: 1800,
      recheck: 1800,
    });
  });

  test("an environment that is not mentioned has no rules and is not open", async () => {
    expect(await compilePolicy(policyFrom({}), "production")).toMatchObject({ open: false, rules: [] });
  });

  test("production: open", async () => {
    const policy = policyFrom({ production: "open" });
    expect(await compilePolicy(policy, "production")).toMatchObject({ open: true, rules: [] });
    expect(await compilePolicy(policy, "preview")).toMatchObject({ open: false, rules: [] });
  });

  test("survives being baked as JSON", async () => {
    const compiled = await compilePolicy(policyFrom(source), "preview");
    expect(JSON.parse(JSON.stringify(compiled))).toEqual(compiled);
  });
});

describe("digest", () => {
  async function digest(json: unknown, environment: "preview" | "production" = "preview") {
    return (await compilePolicy(policyFrom(json), environment)).digest;
  }

  test("is the whole policy's, whichever environment; the schema's address doesn't count", async () => {
    const own = await digest(source);
    expect(await digest(source, "production")).toBe(own);
    expect(await digest({ $schema: "x", ...source })).toBe(own);
    expect(await digest({ ...source, roles: ["A", "B"] })).not.toBe(own);
    expect(await digest({ ...source, production: "open" })).not.toBe(own);
  });

  test("is SHA-256 of the canonical JSON, cut to 32 digits", async () => {
    // printf '{"a":[1,{"b":"\303\244","c":null}]}' | sha256sum
    expect(canonicalJson({ a: [1, { c: null, b: "\u00e4", d: undefined }] })).toBe(
      '{"a":[1,{"b":"\u00e4","c":null}]}',
    );
    expect(await digestOf({})).toBe("44136fa355b3678a1146ad16f7e8649e");
  });

  test("does not know the order of keys, and knows the order of lists", async () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, shuffled(member)]),
      );
    };
    const property = fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    });
    await fc.assert(property);
    expect(await digestOf([1, 2])).not.toBe(await digestOf([2, 1]));
  });
});

describe("entry", () => {
  test("is the union of all rules but anyone", async () => {
    const entry = entryOf(await compilePolicy(policyFrom(source), "preview"));
    expect(entry).toMatchObject({
      ...allowing({ groups: [reviewers], roles: ["A"], apps: [client] }),
      environment: "preview",
      groupNames: { [reviewers]: "reviewers" },
      lifetime: 1800,
      recheck: 1800,
    });
  });

  test.each([
    [true, visitor({ groups: [reviewers] })],
    [true, visitor({ kind: "unknown", roles: ["A"] })],
    [true, visitor({ kind: "app", app: client })],
    [false, visitor()],
    [false, visitor({ groups: [platform], roles: ["B"] })],
  ])("%s", async (expected, who) => {
    const entry = entryOf(await compilePolicy(policyFrom(source), "preview"));
    expect(admits(entry, who)).toBe(expected);
  });

  test("only anyone, or nothing: nobody needs a ticket, so nobody gets one", async () => {
    const open = policyFrom({ preview: { rules: [{ path: "/*", allow: "anyone" }] }, production: "open" });
    for (const environment of ["preview", "production"] as const) {
      expect(admits(entryOf(await compilePolicy(open, environment)), visitor())).toBe(false);
    }
    const planted = { ...entryOf(await compilePolicy(open, "preview")), anyone: true };
    expect(admits(planted, visitor())).toBe(false);
  });
});

test("what Entra must know: all groups and roles of the policy", () => {
  expect(needsOf(policyFrom({ ...source, roles: ["B", "A", "B"] }))).toEqual({
    groups: [reviewers, platform],
    roles: ["A", "B"],
  });
});

describe("the policy's own tests", () => {
  async function outcome(test: object): Promise<string> {
    const [result] = await runPolicyTests(
      policyFrom({ ...source, tests: [{ in: "preview", expect: "allow", ...test }] }),
    );
    return `${result?.actual} ${result?.passed}`;
  }

  test.each([
    [{ get: "/" }, "deny false"],
    [{ get: "/", expect: "deny" }, "deny true"],
    [{ get: "/.well-known/x" }, "allow true"],
    [{ get: "/", as: { groups: ["reviewers"] } }, "allow true"],
    [{ get: "/admin/", as: { groups: ["reviewers"] }, expect: "deny" }, "deny true"],
    [{ get: "/admin/", as: { roles: ["A"] } }, "allow true"],
    [{ get: "/", as: { app: client } }, "allow true"],
    [{ get: "/", as: "members" }, "deny false"],
    [{ get: "/", as: "members", in: "production" }, "allow true"],
    [{ get: "/", as: "guests", in: "production" }, "deny false"],
    [{ get: "/.well-known/../admin/", expect: "deny" }, "deny true"],
    [{ get: "/%61dmin/", as: { groups: ["reviewers"] }, expect: "deny" }, "deny true"],
    [{ get: "/%2561dmin/", as: { groups: ["reviewers"] }, expect: "deny" }, "deny true"],
    [{ get: "/x%2fy", as: { groups: ["reviewers"] }, expect: "deny" }, "deny true"],
    [{ get: "/admin/?x=/.well-known/y", expect: "deny" }, "deny true"],
  ])("%j: %s", async (test, expected) => {
    expect(await outcome(test)).toBe(expected);
  });

  test("each result tells its place, its rule and why", async () => {
    const policy = policyFrom({
      ...source,
      tests: [{ in: "preview", get: "/admin/", as: "members", expect: "allow" }],
    });
    expect(await runPolicyTests(policy)).toMatchObject([
      { place: "tests[0]", passed: false, decision: { rule: "preview.rules[1]", reason: "not-admitted" } },
    ]);
  });

  test("GHSA-7rh7-c77v-6434: a query never decides", async () => {
    expect(await outcome({ get: "/?/.well-known/x", expect: "deny" })).toBe("deny true");
  });
});
