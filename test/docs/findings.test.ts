import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kinds } from "../../src/inspect/codes.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "operations.md"), "utf8");
const start = page.indexOf("## What doctor and audit look at");
const section = page.slice(start, page.indexOf("\n## ", start + 1));
const rows = section.split("\n").filter((line) => line.startsWith("|"));

describe("what doctor and audit look at, on the page", () => {
  it("is every code, and no other", () => {
    const told = rows.flatMap((row) => [...row.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code]) => code));
    const codes = new Set(told.filter((code) => code !== "sign-in-host"));
    expect([...codes].sort()).toEqual(Object.keys(kinds).sort());
  });

  it("says which of them block", () => {
    for (const [code, kind] of Object.entries(kinds)) {
      const row = rows.find((line) => line.includes(`\`${code}\``));
      if ("blocks" in kind) expect(row, code).toMatch(/\bblocks?\b/);
    }
  });
});
