import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globsOverlap, rewriteProblems } from "../../../contract/bundle/rewrites.ts";
import type { CompiledAllow, CompiledPolicy } from "../../../contract/policy/model.ts";

const nobody: CompiledAllow = {
  anyone: false,
  members: false,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
};
const rule = (path: string, allow: Partial<CompiledAllow>, index: number) => ({
  id: `preview.rules[${index}]`,
  path,
  allow: { ...nobody, ...allow },
});

const policy = (...rules: (readonly [string, Partial<CompiledAllow>])[]): CompiledPolicy => ({
  environment: "preview",
  digest: "d",
  open: false,
  rules: rules.map(([path, allow], index) => rule(path, allow, index)),
  groupNames: {},
  lifetime: 1,
  recheck: 1,
});

const usual = policy(
  ["/public/*", { anyone: true }],
  ["/admin/*", { roles: ["Admin"] }],
  ["/*", { groups: ["reviewers"], roles: ["Admin"] }],
);

describe("a 200-rewrite", () => {
  it.each([
    "/public/a /docs/a 200",
    "/public/* /:splat 200",
    "/public/:page /admin/:page 200",
    "/docs/* /admin/:splat 200",
    "/* /admin/ 200",
    "/PUBLIC/a /docs 200",
    "/public /docs 200",
    "  /public/a   /docs/a   200  ",
    "public/a /docs/a 200",
    "/public/a /docs/a 2e2",
    "/public/a /docs/a 0xC8",
    "/public/a /docs/a 200.0",
    "/public/a /public/../docs/a 200",
    "/public/a /public/%2e%2e/docs/a 200",
    "/docs/a /%61dmin/a 200",
    "/%70ublic/a /docs/a 200",
    "/x/../public/a /docs/a 200",
    "/public/a //docs/a 200",
    "/docs/a /admin/%zz 200",
  ])("%s widens what is closed", (line) => {
    const [problem] = rewriteProblems(`# comment\n\n${line}\n`, usual);
    expect(problem?.place).toBe("_redirects:3");
  });

  it.each([
    "/public/a /public/b 200",
    "/docs/a /docs/b 200",
    "/admin/a /docs/b 200",
    "/docs/a /public/b 200",
    "/public/a /docs/a 302",
    "/public/a /docs/a",
    "/public/a https://elsewhere.example/ 200",
    "#/public/a /docs/a 200",
    "/* /index.html 200",
    "",
  ])("%s does not", (line) => {
    expect(rewriteProblems(line, usual)).toEqual([]);
  });

  it("to a path that no rule admits anybody to widens it", () => {
    expect(rewriteProblems("/public/a /elsewhere 200", policy(["/public/*", { anyone: true }]))).toHaveLength(
      1,
    );
  });

  it("matters to nobody where everything is open", () => {
    expect(rewriteProblems("/public/a /docs 200", { ...usual, open: true })).toEqual([]);
  });
});

describe("patterns", () => {
  it("overlap exactly where some text matches both", () => {
    const glob = fc
      .array(fc.constantFrom("a", "b", "/", "*"), { maxLength: 5 })
      .map((parts) => parts.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 6 }).map((parts) => parts.join(""));
    const matches = (pattern: string, value: string) =>
      new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(value);
    fc.assert(
      fc.property(glob, glob, text, (one, other, value) => {
        if (matches(one, value) && matches(other, value)) expect(globsOverlap(one, other)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(globsOverlap("/a/*", "/b/*")).toBe(false);
    expect(globsOverlap("*b", "a*")).toBe(true);
    expect(globsOverlap("ab", "a")).toBe(false);
  });
});
