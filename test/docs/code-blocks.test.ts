import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Block, blocks, type Check, pages, placeholder, root } from "./blocks/block.ts";
import { codeProblems } from "./blocks/code.ts";
import { gateCommandProblems } from "./blocks/gate-command.ts";
import { jsonProblems } from "./blocks/json.ts";
import { shellProblems } from "./blocks/shell.ts";
import { commandsOf } from "./blocks/shell-words.ts";
import { sqlProblems } from "./blocks/sql.ts";
import { workflowProblems } from "./blocks/workflow.ts";

/** Every block of every page that could be run, is: a kind that nobody knows fails as one does that is wrong. */

/** Files that the framework itself built, or that a test of an example runs: a block that is one of them holds with it. */
const tried = new Set(
  ["examples", "test/pages-plugin/cli/testdata/frameworks/sites"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(js|mjs|ts)$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  ),
);

const checks: Readonly<Record<string, Check>> = {
  json: jsonProblems,
  jsonc: jsonProblems,
  yaml: workflowProblems,
  ts: (block) => compiled.get(block) ?? [],
  js: (block) => compiled.get(block) ?? [],
  sh: shellProblems,
  sql: sqlProblems,
};

/** What can't be run, by page, and why it stands there. */
const texts: Readonly<Record<string, string>> = {
  "docs/command.md": "what --help prints: made by the build, which `npm test` compares",
  "docs/architecture.md": "where things are; each file that is named has to be there",
};

const compiled = codeProblems(
  blocks.filter(({ language, text }) => ["ts", "js"].includes(language) && !tried.has(text)),
);

const called = ({ page, line, language }: Block) => `${page}:${line} ${language}`;

describe("code on the pages", () => {
  it.each(blocks.map((block) => [called(block), block] as const))("%s holds", async (_, block) => {
    if (block.language === "text") {
      expect(Object.keys(texts)).toContain(block.page);
      return;
    }
    const check = checks[block.language];
    if (check === undefined) throw new Error("a block of a kind that this test does not know");
    expect(await check(block)).toEqual([]);
  });

  it("is of the pages, and a reason stands for a page that has such blocks", () => {
    expect(blocks.length).toBeGreaterThan(40);
    expect(
      Object.keys(texts).filter(
        (page) => !blocks.some((one) => one.page === page && one.language === "text"),
      ),
    ).toEqual([]);
  });

  it("is a command that the program has, where it stands in a line", () => {
    const wrong = pages.flatMap((page) =>
      [
        ...readFileSync(join(root, page), "utf8")
          .replace(/^```[\s\S]*?^```/gm, "")
          .matchAll(/`((?:npx )?entra-gate [a-z][^`]*)`/g),
      ]
        .flatMap(([, command = ""]) =>
          commandsOf(command.replace(placeholder, "x").replaceAll("…", "etc")).slice(0, 1),
        )
        .map((words) => ({
          page,
          problems: gateCommandProblems(words.slice(words.indexOf("entra-gate") + 1), true),
        })),
    );
    expect(wrong.filter(({ problems }) => problems.length > 0)).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  it("names files that are there", () => {
    const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const sections = [...text.matchAll(/^### (contract|pages-plugin\/src|src)\n+```text\n([\s\S]*?)^```/gm)];
    expect(sections).toHaveLength(3);
    const missing = sections.flatMap(([, folder = "", body = ""]) =>
      [...body.matchAll(/^([\w{},/.-]+\.ts)\b/gm)]
        .flatMap(([, path = ""]) => expand(path))
        .filter((path) => !existsSync(join(root, folder, path))),
    );
    expect(missing).toEqual([]);
  });
});

/** `errors/{site,host}.ts`: both. */
function expand(path: string): string[] {
  const [all = "", list = ""] = /\{([^}]*)\}/.exec(path) ?? [];
  return all === "" ? [path] : list.split(",").map((one) => path.replace(all, one));
}
