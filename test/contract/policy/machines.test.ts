import fc from "fast-check";
import { expect, test } from "vitest";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { admits, entryOf } from "../../../contract/policy/entry.ts";
import type { CompiledAllow, Visitor } from "../../../contract/policy/model.ts";
import { client, compiled, reviewers, visitor } from "./fixtures.ts";

const everything: Partial<CompiledAllow> = {
  members: true,
  guests: true,
  groups: [reviewers],
  roles: ["R"],
  apps: [client],
};

function decided(allow: Partial<CompiledAllow>, who: Visitor) {
  return createDecider(compiled([["/*", allow]]))(readPath("/"), who);
}

const everybody = visitor({ groups: [reviewers], roles: ["R"], app: client });

test("a token on behalf of a user: a rule's scopes let it in", () => {
  const allow = { scopes: ["Site.Read", "Site.Write"] };
  expect(decided(allow, visitor({ scopes: ["profile", "Site.Read"] }))).toMatchObject({
    allowed: true,
    reason: "scope",
  });
  expect(decided(allow, visitor({ scopes: ["site.read"] }))).toMatchObject({ allowed: false });
});

test.each([{ scopes: ["Other"] }, { scopes: [] }])(
  "nothing else does, whoever the user is: %j",
  ({ scopes }) => {
    const who = { ...everybody, scopes };
    const allow = { ...everything, scopes: ["Site.Read"] };
    expect(decided(allow, who)).toMatchObject({ allowed: false, reason: "not-admitted" });
    expect(decided(allow, { ...who, kind: "guest" })).toMatchObject({ allowed: false });
    expect(decided(allow, { ...who, kind: "app" })).toMatchObject({ allowed: false });
    expect(admits(entryOf(compiled([["/*", allow]])), who)).toBe(false);
  },
);

test("a rule's scopes let in nobody who signed in himself", () => {
  expect(decided({ scopes: ["R"] }, everybody)).toMatchObject({ allowed: false });
});

test("an application for itself: its roles or its id, never a group or the tenant", () => {
  const app = visitor({ kind: "app", app: client, groups: [reviewers] });
  expect(decided({ members: true, guests: true, groups: [reviewers] }, app)).toMatchObject({
    allowed: false,
  });
  expect(decided({ apps: [client] }, app)).toMatchObject({ allowed: true, reason: "app" });
  expect(decided({ roles: ["R"] }, { ...app, roles: ["R"] })).toMatchObject({
    allowed: true,
    reason: "role",
  });
});

test("the entry lets in every machine that some rule lets in", () => {
  const allow = fc.subarray(["Site.Read", "Site.Write"]);
  const property = fc.property(allow, allow, fc.subarray(["Site.Read", "Other"]), (first, second, scopes) => {
    const policy = compiled([
      ["/a/*", { scopes: first, members: true }],
      ["/*", { scopes: second }],
    ]);
    const who = visitor({ scopes });
    const decide = createDecider(policy);
    const some = ["/a/x", "/x"].some((path) => decide(readPath(path), who).allowed);
    expect(admits(entryOf(policy), who)).toBe(some);
  });
  fc.assert(property);
});
