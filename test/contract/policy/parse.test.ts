import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Policy, parsePolicy, parsePolicyText } from "../../../contract/policy/parse.ts";
import { client, platform, reviewers } from "./fixtures.ts";

/** The design's example, without what this version does not enforce yet. */
const example = {
  $schema: "node_modules/pages-plugin-entra-gate/gate.schema.json",
  groups: { reviewers: reviewers.toUpperCase(), platform },
  roles: ["Site.Admin", "Preview.Test"],
  session: { lifetime: "8h", recheck: "1h" },
  preview: {
    rules: [
      { path: "/.well-known/*", allow: "anyone" },
      { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
      { path: "/*", allow: { groups: ["reviewers"], roles: ["Preview.Test"] } },
    ],
  },
  production: { rules: [{ path: "/*", allow: "members" }] },
  tests: [{ in: "preview", as: { groups: ["reviewers"] }, get: "/admin/", expect: "deny" }],
};

function parsed(json: unknown): Policy {
  const result = parsePolicy(json);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

function placesOf(json: unknown): string[] {
  const result = parsePolicy(json);
  return result.ok ? [] : result.problems.map((problem) => problem.place);
}

function rule(path: string, allow: unknown = "members") {
  return { path, allow };
}

function withRules(...rules: unknown[]) {
  return { groups: { reviewers }, roles: ["R"], preview: { rules } };
}

describe("a valid policy", () => {
  test("the design's example: ids in lower case, durations in seconds", () => {
    expect(parsed(example)).toMatchObject({
      groups: { reviewers, platform },
      session: { lifetime: 28_800, recheck: 3600 },
      production: { rules: [{ path: "/*", allow: "members" }] },
    });
  });

  test("what may be left out", () => {
    expect(parsed({})).toEqual({
      groups: {},
      roles: [],
      session: { lifetime: 28_800, recheck: 3600 },
      tests: [],
    });
    expect(parsed({ audit: { keep: "30d" } }).audit).toEqual({ keep: 30 * 86_400 });
    expect(parsed({ audit: {} }).audit).toEqual({});
    expect(parsed({ roles: ["Audit"], audit: { viewers: { roles: ["Audit"] } } }).audit).toEqual({
      viewers: { roles: ["Audit"] },
    });
    expect(parsed({ session: { lifetime: "90m" } }).session).toEqual({ lifetime: 5400, recheck: 3600 });
  });

  test("production may be open, a preview may not", () => {
    expect(parsed({ production: "open" }).production).toBe("open");
    expect(placesOf({ preview: "open" })).toEqual(["preview"]);
  });

  test("guests and apps", () => {
    expect(
      parsed(withRules(rule("/a", "guests"), rule("/b", { apps: [client.toUpperCase()] }))).preview,
    ).toEqual({
      rules: [
        { path: "/a", allow: "guests" },
        { path: "/b", allow: { apps: [client] } },
      ],
    });
  });
});

describe("refused, by place", () => {
  test.each([
    ["no object", [], ""],
    ["null", null, ""],
    ["a group that is no GUID", { groups: { a: "reviewers" } }, "groups.a"],
    ["a GUID in braces", { groups: { a: `{${reviewers}}` } }, "groups.a"],
    ["a group's name with a space", { groups: { "a b": reviewers } }, 'groups["a b"]'],
    [
      "a group's name that objects keep to themselves",
      JSON.parse(`{"groups":{"__proto__":"${reviewers}"}}`),
      "groups.__proto__",
    ],
    ["two names for one group", { groups: { a: reviewers, b: reviewers.toUpperCase() } }, "groups.b"],
    ["a role with a space", { roles: ["Site Admin"] }, "roles[0]"],
    ["a role with a comma", { roles: ["ok", "a,b"] }, "roles[1]"],
    ["a role with a line break", { roles: ["a\r\nx-injected: 1"] }, "roles[0]"],
    ["a role that is not ASCII", { roles: ["Pr\u00fcfer"] }, "roles[0]"],
    ["a role that starts with a dot", { roles: [".a"] }, "roles[0]"],
    ["a list instead of an object", { session: [] }, "session"],
    ["a duration without a unit", { session: { lifetime: "8" } }, "session.lifetime"],
    ["a number as duration", { session: { recheck: 3600 } }, "session.recheck"],
    ["no time at all", { session: { recheck: "0m" } }, "session.recheck"],
    ["events kept for less than a day", { audit: { keep: "23h" } }, "audit.keep"],
    ["events kept for ever", { audit: { keep: "3651d" } }, "audit.keep"],
    ["an audit page that nobody may see", { audit: { viewers: {} } }, "audit.viewers"],
    [
      "an audit page for an unknown group",
      { audit: { viewers: { groups: ["x"] } } },
      "audit.viewers.groups[0]",
    ],
    ["an audit page for an unknown role", { audit: { viewers: { roles: ["x"] } } }, "audit.viewers.roles[0]"],
    ["an audit page for everybody", { audit: { viewers: "anyone" } }, "audit.viewers"],
    ["an audit page for an app", { audit: { viewers: { roles: [], apps: [client] } } }, "audit.viewers.apps"],
    ["an unknown key of audit", { audit: { keep: "90d", sink: "x" } }, "audit.sink"],
    ["too long a recheck", { session: { recheck: "25h" } }, "session.recheck"],
    ["too short a lifetime", { session: { lifetime: "10s" } }, "session.lifetime"],
    ["rules that are missing", { production: {} }, "production.rules"],
    ["a rule that is no object", withRules("/*"), "preview.rules[0]"],
    ["a path that is missing", withRules({ allow: "members" }), "preview.rules[0].path"],
    ["an allow that is missing", withRules({ path: "/*" }), "preview.rules[0].allow"],
    ["an unknown word for everybody", withRules(rule("/*", "everyone")), "preview.rules[0].allow"],
    ["an allow that lets nobody in", withRules(rule("/*", { groups: [] })), "preview.rules[0].allow"],
    ["an empty allow", withRules(rule("/*", {})), "preview.rules[0].allow"],
    ["an unknown group", withRules(rule("/*", { groups: ["reviewer"] })), "preview.rules[0].allow.groups[0]"],
    [
      "an object id instead of a name",
      withRules(rule("/*", { groups: [reviewers] })),
      "preview.rules[0].allow.groups[0]",
    ],
    ["an unknown role", withRules(rule("/*", { roles: ["R", "S"] })), "preview.rules[0].allow.roles[1]"],
    ["an app that is no GUID", withRules(rule("/*", { apps: ["x"] })), "preview.rules[0].allow.apps[0]"],
    [
      "an unknown group in a test",
      { tests: [{ in: "preview", as: { groups: ["x"] }, get: "/", expect: "deny" }] },
      "tests[0].as.groups[0]",
    ],
    ["a test in no environment", { tests: [{ in: "staging", get: "/", expect: "deny" }] }, "tests[0].in"],
    ["a test that expects nothing", { tests: [{ in: "preview", get: "/" }] }, "tests[0].expect"],
    [
      "a test for another host",
      { tests: [{ in: "preview", get: "//evil.example/", expect: "deny" }] },
      "tests[0].get",
    ],
  ])("%s", (_, json, place) => {
    expect(placesOf(json)).toEqual([place]);
  });

  test("more than 50 groups", () => {
    const groups = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `g${index}`,
          `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
        ]),
      );
    expect(placesOf({ groups: groups(50) })).toEqual([]);
    expect(placesOf({ groups: groups(51) })).toEqual(["groups"]);
  });
});

describe("paths of rules", () => {
  test.each(["/", "/*", "/about", "/a b/*", "/caf\u00e9/*", "/.well-known/*", "/@me", "/a.b/c", "/Admin/*"])(
    "%s",
    (path) => {
      expect(placesOf(withRules(rule(path)))).toEqual([]);
    },
  );

  test.each([
    "",
    "*",
    "about",
    "https://x/*",
    "/*/x",
    "/a*",
    "/a/**",
    "/*.png",
    "/a?x",
    "/a#x",
    "/%61",
    "/a\\b",
    "/a;b",
    "/a//b",
    "//",
    "//*",
    "/a/../b",
    "/a/./*",
    "/..",
    "/a\u0000",
    "/cafe\u0301",
    "/.auth/*",
    "/.AUTH/me",
    "/.auth",
    "/about/",
    "/about.html",
    "/about/index",
    "/index.html",
    "/index/*",
    "/a.html/*",
  ])("not %j", (path) => {
    expect(placesOf(withRules(rule(path)))).toEqual(["preview.rules[0].path"]);
  });
});

describe("rules that are never reached", () => {
  test.each([
    ["the same", "/a", "/a"],
    ["below", "/a/*", "/a/b/*"],
    ["the folder itself", "/a/*", "/a"],
    ["everything", "/*", "/a/*"],
    ["the same but for case", "/A/*", "/a/b"],
  ])("%s: %s before %s", (_, first, second) => {
    expect(placesOf(withRules(rule(first), rule(second)))).toEqual(["preview.rules[1].path"]);
  });

  test.each([
    ["/a/b", "/a/*"],
    ["/a", "/a/*"],
    ["/a/*", "/ab/*"],
    ["/a", "/a/b"],
  ])("reached: %s before %s", (first, second) => {
    expect(placesOf(withRules(rule(first), rule(second)))).toEqual([]);
  });
});

describe("unknown keys are refused", () => {
  test("all of them, with the key that was probably meant", () => {
    const json = {
      grups: {},
      preview: { rule: [], rules: [{ path: "/*", allow: { role: ["R"] } }] },
      zzz: 1,
      roles: ["R"],
    };
    const result = parsePolicy(json);
    expect(
      result.ok ? [] : result.problems.map(({ place, remedy }) => [place, /"(\w+)"\?/.exec(remedy)?.[1]]),
    ).toEqual([
      ["grups", "groups"],
      ["preview.rule", "rules"],
      ["preview.rules[0].allow.role", "roles"],
      ["zzz", undefined],
    ]);
  });

  test("keys that objects inherit are unknown, too", () => {
    expect(placesOf(JSON.parse('{"__proto__":{},"constructor":1,"toString":2}'))).toEqual([
      "__proto__",
      "constructor",
      "toString",
    ]);
  });

  test.each([
    [{ preview: { expires: "30m", rules: [] } }, "preview.expires"],
    [{ preview: { expires: "366d", rules: [] } }, "preview.expires"],
    [{ preview: { expires: 14, rules: [] } }, "preview.expires"],
    [{ production: { expires: "14d", rules: [] } }, "production.expires"],
    [{ contact: "" }, "contact"],
    [{ contact: " " }, "contact"],
    [{ contact: "a\nb" }, "contact"],
    [{ contact: "abc\u202e" }, "contact"],
    [{ contact: "x".repeat(201) }, "contact"],
    [{ contact: { mail: "x" } }, "contact"],
    [
      { preview: { rules: [{ path: "/*", allow: "members", signedInWithin: "30s" }] } },
      "preview.rules[0].signedInWithin",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "members", signedInWithin: "2d" }] } },
      "preview.rules[0].signedInWithin",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "members", authContext: "c0" }] } },
      "preview.rules[0].authContext",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "members", authContext: "c100" }] } },
      "preview.rules[0].authContext",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "anyone", signedInWithin: "5m" }] } },
      "preview.rules[0].signedInWithin",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "anyone", authContext: "c1" }] } },
      "preview.rules[0].authContext",
    ],
    [
      { preview: { rules: [{ path: "/*", allow: "anyone", cors: { origins: ["https://a.example"] } }] } },
      "preview.rules[0].cors",
    ],
  ])("expires, contact and step-up are refused where they make no sense: %j", (json, place) => {
    const result = parsePolicy(json);
    expect(result.ok ? [] : result.problems.map((problem) => problem.place)).toEqual([place]);
  });
});

describe("problems", () => {
  test("all at once: of shape, of keys and of meaning", () => {
    const json = {
      groups: { a: "x" },
      sesion: {},
      preview: { rules: [rule("a"), rule("/*", { groups: ["b"] }), rule("/x")] },
    };
    expect(placesOf(json).sort()).toEqual([
      "groups.a",
      "preview.rules[0].path",
      "preview.rules[1].allow.groups[0]",
      "preview.rules[2].path",
      "sesion",
    ]);
  });

  test("a mistake in the JSON is one problem of the whole file", () => {
    const result = parsePolicyText('{ "preview": { // comment\n } }');
    expect(result).toMatchObject({ ok: false, problems: [{ place: "" }] });
    expect(parsePolicyText(JSON.stringify(example)).ok).toBe(true);
  });

  test("any JSON gives a policy or problems with something to do, never an exception", () => {
    const keys = [
      "groups",
      "roles",
      "session",
      "preview",
      "production",
      "tests",
      "rules",
      "path",
      "allow",
      "as",
      "get",
      "x",
    ];
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>(null, true, 0, "", "/", "/*", "open", "members", reviewers, "8h"),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie("json"), { maxKeys: 4 }),
      ),
    }));
    const property = fc.property(json, (value) => {
      const result = parsePolicy(value);
      if (result.ok) return;
      expect(result.problems.length).toBeGreaterThan(0);
      for (const problem of result.problems) {
        expect(problem.message).not.toBe("");
        expect(problem.remedy).not.toBe("");
      }
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
