import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isForWorker, parseRoutesFile } from "../../../src/pages-runtime/routes.ts";

const template = join(import.meta.dirname, "../../../node_modules/wrangler/templates/pages-dev-util.ts");
const code = stripTypeScriptTypes(readFileSync(template, "utf8")).replace("export function", "function");
const isRoutingRuleMatch: (pathname: string, rule: string) => boolean = new Function(
  `${code}; return isRoutingRuleMatch;`,
)();

const segments = fc.array(fc.constantFrom("a", "b", "a.b", "*", "aa", "(", "+"), { maxLength: 3 });
const slash = fc.constantFrom("", "/");

describe("a pattern", () => {
  it("includes what wrangler's own matching includes", () => {
    fc.assert(
      fc.property(segments, slash, segments, slash, (rule, ruleEnd, asked, askedEnd) => {
        const pattern = `/${rule.filter((s) => !/[(+]/.test(s)).join("/")}${ruleEnd}`.replace("//", "/");
        const pathname = `/${asked.filter((s) => s !== "*").join("/")}${askedEnd}`;
        const mine = isForWorker({ include: [pattern], exclude: [] }, pathname);
        expect(mine).toBe(isRoutingRuleMatch(pathname, pattern));
      }),
      { numRuns: 3_000 },
    );
  });

  it("of a folder reaches the folder and what is in it, not its neighbours", () => {
    const routes = { include: ["/api/*"], exclude: ["/api/open/*"] };
    const asked = ["/api", "/api/", "/api/x", "/apis", "/api/open", "/api/open/x", "/"];
    expect(asked.map((pathname) => isForWorker(routes, pathname))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("_routes.json", () => {
  it("sends everything to the worker where there is none", () => {
    expect(isForWorker(parseRoutesFile(undefined), "/any")).toBe(true);
  });

  it("is refused where it isn't one", () => {
    for (const text of [
      "{",
      "{}",
      '{"version":2,"include":["/*"],"exclude":[]}',
      '{"version":1,"include":[],"exclude":[]}',
      '{"version":1,"include":["x"],"exclude":[]}',
      '{"version":1,"include":["/*"],"exclude":[1]}',
    ])
      expect(() => parseRoutesFile(text)).toThrow();
  });
});
