import { expect, test } from "vitest";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { admits, entryOf } from "../../../contract/policy/entry.ts";
import { client, compiled, reviewers, visitor } from "./fixtures.ts";

const policy = compiled([
  ["/open", { anyone: true }],
  ["/team/*", { groups: [reviewers] }],
]);
const reporting = { ...policy, report: true };

test("what the rules would deny is let through, and why is told", () => {
  const decide = createDecider(reporting);
  const told = (path: string, who = undefined as ReturnType<typeof visitor> | undefined) =>
    decide(readPath(path), who);
  expect(told("/team/x")).toEqual({
    allowed: true,
    rule: "preview.rules[1]",
    reason: "report",
    denied: "sign-in",
  });
  expect(told("/team/x", visitor())).toMatchObject({ reason: "report", denied: "not-admitted" });
  expect(told("/elsewhere")).toEqual({ allowed: true, reason: "report", denied: "no-rule" });
  expect(told("/a//b")).toEqual({ allowed: true, reason: "report", denied: "ambiguous-path" });
});

test("what they let through is told as ever", () => {
  const [decide, enforcing] = [createDecider(reporting), createDecider(policy)];
  for (const [path, who] of [
    ["/open", undefined],
    ["/team/x", visitor({ groups: [reviewers] })],
  ] as const)
    expect(decide(readPath(path), who)).toEqual(enforcing(readPath(path), who));
});

test("report: false enforces", () => {
  expect(createDecider({ ...policy, report: false })(readPath("/team/x")).allowed).toBe(false);
});

test("every user of the tenant may sign in, whatever kind Entra says; a machine needs a rule", () => {
  const entry = entryOf(reporting);
  for (const kind of ["user", "guest", "unknown"] as const)
    expect(admits(entry, visitor({ kind }))).toBe(true);
  expect(admits(entry, visitor({ kind: "app", app: client }))).toBe(false);
  expect(admits(entry, visitor({ scopes: ["Site.Read"] }))).toBe(false);
  expect(admits(entryOf(policy), visitor())).toBe(false);
});
