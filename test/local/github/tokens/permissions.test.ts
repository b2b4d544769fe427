import { expect, it } from "vitest";
import { allows, readPermissions, withoutWrites } from "../../../../local/github/tokens/permissions.ts";

it("gives a job that writes no permissions reading of contents only", () => {
  const granted = readPermissions(undefined);
  expect([granted.contents, granted.packages, granted["id-token"], granted.issues]).toEqual([
    "read",
    "read",
    "none",
    "none",
  ]);
});

it("leaves out whatever a written permissions leaves out", () => {
  const granted = readPermissions({ issues: "write" });
  expect([granted.contents, granted.issues]).toEqual(["none", "write"]);
  expect(Object.values(readPermissions({})).every((level) => level === "none")).toBe(true);
});

it("reads write-all with an ID token, read-all without", () => {
  expect(readPermissions("write-all")["id-token"]).toBe("write");
  expect(readPermissions("read-all")["id-token"]).toBe("none");
  expect(allows(readPermissions("read-all"), "contents", "read")).toBe(true);
  expect(allows(readPermissions("read-all"), "contents", "write")).toBe(false);
});

it("refuses what GitHub doesn't know", () => {
  for (const wrong of [
    { "pull-request": "write" },
    { contents: "admin" },
    { "id-token": "read" },
    "all",
    null,
    [],
  ]) {
    if (Array.isArray(wrong)) continue;
    expect(() => readPermissions(wrong)).toThrow("permissions");
  }
});

it("leaves a fork no writing and no ID token", () => {
  const left = withoutWrites(readPermissions("write-all"));
  expect([left.contents, left["id-token"]]).toEqual(["read", "none"]);
});
