import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { client, compiled, platform, reviewers, visitor } from "./fixtures.ts";

describe("the first rule that covers the path decides", () => {
  const decide = createDecider(
    compiled([
      ["/.well-known/*", { anyone: true }],
      ["/admin/login", { members: true }],
      ["/admin/*", { roles: ["Site.Admin"] }],
      ["/docs", { anyone: true }],
      ["/team/*", { groups: [reviewers, platform] }],
    ]),
  );

  test.each([
    ["/.well-known/x", "preview.rules[0]"],
    ["/.well-known", "preview.rules[0]"],
    ["/admin/login.html", "preview.rules[1]"],
    ["/admin/login/x", "preview.rules[2]"],
    ["/admin", "preview.rules[2]"],
    ["/admin.html", "preview.rules[2]"],
    ["/docs/", "preview.rules[3]"],
    ["/team/", "preview.rules[4]"],
  ])("%s: %s", (path, rule) => {
    expect(decide(readPath(path)).rule).toBe(rule);
  });

  test.each(["/", "/administrator", "/docs/x", "/teams"])("%s: no rule, denied", (path) => {
    expect(decide(readPath(path), visitor({ roles: ["Site.Admin"], groups: [reviewers] }))).toEqual({
      allowed: false,
      reason: "no-rule",
    });
  });

  test("nobody signed in and a rule that does not say anyone: sign in", () => {
    expect(decide(readPath("/admin/"))).toEqual({
      allowed: false,
      rule: "preview.rules[2]",
      reason: "sign-in",
    });
  });

  test("somebody whom the rule does not name: not admitted", () => {
    const decision = decide(readPath("/admin/"), visitor({ roles: ["site.admin", "Site"] }));
    expect(decision).toEqual({ allowed: false, rule: "preview.rules[2]", reason: "not-admitted" });
  });
});

test("no rules: everybody is denied everything", () => {
  const decide = createDecider(compiled([]));
  expect(decide(readPath("/"), visitor())).toEqual({ allowed: false, reason: "no-rule" });
});

test("open: everybody passes, even where the path can be read in several ways", () => {
  const decide = createDecider({ ...compiled([]), environment: "production", open: true });
  expect(decide(readPath("/a//b"))).toEqual({ allowed: true, rule: "production", reason: "open" });
});

test("a path that could not be read is denied, whoever asks", () => {
  const decide = createDecider(compiled([["/*", { anyone: true }]]));
  expect(decide(readPath("/a//b"), visitor())).toEqual({ allowed: false, reason: "ambiguous-path" });
});

describe("who is let in", () => {
  test.each([
    ["anyone", { anyone: true }, undefined, "anyone"],
    ["a user as member", { members: true }, visitor(), "members"],
    ["a guest as guest", { guests: true }, visitor({ kind: "guest" }), "guests"],
    [
      "by group",
      { groups: [reviewers] },
      visitor({ kind: "unknown", groups: [platform, reviewers] }),
      "group",
    ],
    ["by role", { roles: ["R"] }, visitor({ kind: "guest", roles: ["R"] }), "role"],
    ["an app by client id", { apps: [client] }, visitor({ kind: "app", app: client }), "app"],
  ] as const)("%s", (_, allow, who, reason) => {
    const decide = createDecider(compiled([["/*", allow]]));
    expect(decide(readPath("/"), who)).toEqual({ allowed: true, rule: "preview.rules[0]", reason });
  });

  test.each([
    ["a guest is no member", { members: true }, visitor({ kind: "guest" })],
    ["an app is no member", { members: true }, visitor({ kind: "app", app: client })],
    ["a kind that is unknown is no member", { members: true }, visitor({ kind: "unknown" })],
    ["a kind that is unknown is no guest", { guests: true }, visitor({ kind: "unknown" })],
    ["a user is no guest", { guests: true }, visitor()],
    ["a user with an app's id is no app", { apps: [client] }, visitor({ app: client })],
    ["an app without an id", { apps: [client] }, visitor({ kind: "app" })],
    ["a role in another case", { roles: ["R"] }, visitor({ roles: ["r"] })],
    ["a group named as a role", { groups: [reviewers] }, visitor({ roles: [reviewers] })],
  ] as const)("not: %s", (_, allow, who) => {
    const decide = createDecider(compiled([["/*", allow]]));
    expect(decide(readPath("/"), who)).toMatchObject({ allowed: false, reason: "not-admitted" });
  });
});

describe("rules and case", () => {
  const decide = createDecider(
    compiled([
      ["/Admin/*", { roles: ["Admin"] }],
      ["/*", { members: true }],
    ]),
  );

  test("a rule with capitals binds the path in small letters, too", () => {
    expect(decide(readPath("/admin/x"), visitor())).toMatchObject({
      allowed: false,
      reason: "ambiguous-path",
    });
    expect(decide(readPath("/admin/x"), visitor({ roles: ["Admin"] }))).toMatchObject({ allowed: true });
  });

  test("as written it decides by itself", () => {
    expect(decide(readPath("/Admin/x"), visitor())).toMatchObject({ allowed: false, reason: "not-admitted" });
  });
});

test("more rights never take away: whoever is let in still is with one role more", () => {
  const allow = fc.constantFrom(
    { anyone: true },
    { members: true },
    { roles: ["A"] },
    { roles: ["B"] },
    { groups: [reviewers] },
  );
  const path = fc.constantFrom("/a", "/a/*", "/B", "/b/*", "/a/b", "/*", "/");
  const request = fc.constantFrom("/a", "/A", "/%61", "/%2561", "/b", "/B/x", "/a/b", "/a;x", "/");
  const property = fc.property(
    fc.array(fc.tuple(path, allow)),
    request,
    fc.subarray(["A", "B"]),
    fc.constantFrom("A", "B"),
    (rules, asked, roles, more) => {
      const decide = createDecider(compiled(rules));
      const before = decide(readPath(asked), visitor({ roles }));
      const after = decide(readPath(asked), visitor({ roles: [...roles, more] }));
      if (before.allowed) expect(after.allowed).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 1000 });
});
