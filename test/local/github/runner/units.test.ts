import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OutputReader } from "../../../../local/github/runner/commands.ts";
import { holds, interpolate, type Scope } from "../../../../local/github/runner/expressions.ts";
import { commonRoot, findFiles } from "../../../../local/github/runner/find-files.ts";
import { Masks } from "../../../../local/github/runner/masks.ts";
import { matchesAny } from "../../../../local/github/runner/patterns.ts";
import { parsePairs } from "../../../../local/github/runner/step-files.ts";
import { readWorkflow } from "../../../../local/github/runner/workflow-file.ts";

/** A text with expressions, written `<< … }}` so that nobody takes them for a template string's. */
const text = (source: string) => source.replaceAll("<<", "$\u007b{");

const scope: Scope = {
  status: "success",
  hashFiles: (patterns) => patterns.join("+"),
  contexts: {
    github: { ref: "refs/heads/main", event: { pull_request: null, n: 3 } },
    env: { A: "a" },
    secrets: {},
  },
};

describe("expressions", () => {
  it.each([
    [text("x << github.ref }} y"), "x refs/heads/main y"],
    [text("<< env.A }}<< env.B }}"), "a"],
    [text("<< github.event.n == 3 && 'three' || 'other' }}"), "three"],
    [text("<< format('{0}}}', 'a }} b') }}"), "a }} b}"],
    [text("<< toJSON(env) }}"), '{\n  "A": "a"\n}'],
    [text("<< hashFiles('a', 'b') }}"), "a+b"],
    [text("<< GITHUB.REF }}"), "refs/heads/main"],
  ])("reads %s", (source, value) => expect(interpolate(source, scope)).toBe(value));

  it.each([
    ["success()", true],
    ["failure()", false],
    ["always() && !cancelled()", true],
    ["github.event.pull_request", false],
    ["github.ref == 'REFS/heads/main'", true],
    ["secrets.NONE", false],
    ["'false'", true],
  ])("decides %s", (condition, value) => expect(holds(condition, scope)).toBe(value));

  it("refuses an unknown context", () => expect(() => interpolate(text("<< bogus.x }}"), scope)).toThrow());
});

it.each([
  [["main"], "main", true],
  [["main"], "maine", false],
  [["releases/**"], "releases/a/b", true],
  [["releases/*"], "releases/a/b", false],
  [["**", "!main"], "main", false],
  [["v[12].[0-9]+"], "v1.22", true],
  [["**/*.ts"], "a.ts", true],
  [["a.b"], "axb", false],
] as const)("filters %s by %s", (patterns, value, matches) =>
  expect(matchesAny(patterns, value)).toBe(matches),
);

describe("a step's output", () => {
  const read = (...lines: string[]) => {
    const masks = new Masks();
    masks.add("secret1\nsecret2");
    const reader = new OutputReader(masks, () => {});
    for (const line of lines) reader.line(line);
    return reader;
  };

  it("masks secrets, each of their lines, and what it is told to mask", () => {
    expect(read("a secret2 b", "::add-mask::hello", "hello hello").log).toBe("a *** b\n*** ***");
  });

  it("keeps annotations with their properties, masked", () => {
    const { annotations } = read("::error file=a.ts,line=3,title=A%3A B%2C C::one%0Asecret1 %25");
    expect(annotations).toEqual([
      { level: "error", message: "one\n*** %", properties: { file: "a.ts", line: "3", title: "A: B, C" } },
    ]);
  });

  it("obeys the older form of a command, wherever in a line it stands", () => {
    const reader = read("a file called ##[error file=a.ts]x", "##[add-mask]hello", "say hello");
    expect(reader.annotations).toEqual([{ level: "error", message: "x", properties: { file: "a.ts" } }]);
    expect(reader.log).toContain("say ***");
  });

  it("takes no commands between stop-commands and its end", () => {
    const reader = read("::stop-commands::t0k", "::error::no", "::t0k::", "::warning::yes");
    expect(reader.annotations.map(({ message }) => message)).toEqual(["yes"]);
  });
});

it("reads output files: pairs, blocks, and nothing else", () => {
  expect(parsePairs("a=1\nb<<E\nx=y\nz\nE\nc=d<<e\n", "GITHUB_OUTPUT")).toEqual({
    a: "1",
    b: "x=y\nz",
    c: "d<<e",
  });
  expect(() => parsePairs("nonsense", "GITHUB_OUTPUT")).toThrow("Invalid format");
  expect(() => parsePairs("a<<E\n1", "GITHUB_OUTPUT")).toThrow("delimiter");
});

it("finds files with dots, follows links, ends at loops and takes back", () => {
  const folder = mkdtempSync(join(tmpdir(), "find-"));
  mkdirSync(join(folder, "dist/.well-known"), { recursive: true });
  for (const name of ["dist/index.html", "dist/a.js", "dist/.well-known/x"])
    writeFileSync(join(folder, name), name);
  symlinkSync("..", join(folder, "dist/loop"));
  const names = (...patterns: string[]) =>
    findFiles(folder, patterns).map((path) => path.slice(folder.length + 1));
  expect(names("dist/*.html")).toEqual(["dist/index.html"]);
  expect(names("dist/**", "!dist/loop", "!**/*.js")).toEqual(["dist/.well-known/x", "dist/index.html"]);
  expect(names("nothing")).toEqual([]);
  expect(commonRoot(folder, ["dist/a.js", "dist/.well-known/x"])).toBe(join(folder, "dist"));
  rmSync(folder, { recursive: true });
});

describe("workflow files", () => {
  const read = (body: string) => readWorkflow("w.yml", `name: W\non: push\n${body}`);
  const steps = "steps:\n      - run: echo\n";

  it("adds success() to conditions that name no status function", async () => {
    const result = await read(
      `jobs:\n  a:\n    runs-on: x\n    if: github.ref == 'a'\n    steps:\n      - run: echo\n        if: always()\n`,
    );
    if (!("file" in result)) throw new Error(result.problems.join());
    expect(result.file.jobs[0]?.condition).toContain("success()");
    expect(result.file.jobs[0]?.steps[0]?.condition).toBe("always()");
  });

  it.each([
    ["an unknown key", `jobs:\n  a:\n    runs-on: x\n    stepz: []\n    ${steps}`],
    ["an unknown context", `jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo \${{ nope.x }}\n`],
    [
      "a matrix, which this runner doesn't do",
      `jobs:\n  a:\n    runs-on: x\n    strategy: { matrix: { a: [1] } }\n    ${steps}`,
    ],
    [
      "needs in a circle",
      `jobs:\n  a:\n    runs-on: x\n    needs: b\n    ${steps}  b:\n    runs-on: x\n    needs: a\n    ${steps}`,
    ],
  ])("has problems with %s", async (_, body) => {
    const result = await read(body);
    expect("problems" in result && result.problems.length).toBeGreaterThan(0);
  });
});
