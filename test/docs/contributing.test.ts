import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./blocks/block.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const json = (path: string) => JSON.parse(read(path)) as Record<string, Record<string, string> | undefined>;
const codeIn = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);

describe("CONTRIBUTING.md", () => {
  const spans = codeIn(read("CONTRIBUTING.md").replace(/^```[\s\S]*?^```/gm, ""));

  it("sends nobody to a file that is not there", () => {
    const paths = spans.filter((span) => /^[\w.-]+(\/[\w.-]+)+\/?$/.test(span));
    expect(paths.length).toBeGreaterThan(25);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("names scripts that there are", () => {
    const { scripts = {} } = json("package.json");
    const named = spans.flatMap((span) => /^npm (?:run )?([a-z:]+)/.exec(span)?.[1] ?? []);
    expect(named.filter((name) => name !== "ci" && !(name in scripts))).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  const [, list = ""] = read("docs/architecture.md").split("## Dependencies, and why each");
  const cells = list
    .split("\n")
    .flatMap((line) => (line.startsWith("| `") ? [line.split("|")[1] ?? ""] : []));
  const told = cells.flatMap(codeIn);
  const manifest = json("package.json");
  const installed = Object.keys({
    ...manifest["dependencies"],
    ...manifest["devDependencies"],
    ...json("pages-plugin/package.json")["dependencies"],
    ...json("src/tools/pinned/package.json")["dependencies"],
  });

  it("says of each dependency why, once, and of no other", () => {
    expect(told.toSorted()).toEqual([...new Set(installed)].toSorted());
  });

  it("is right that each version is exact", () => {
    const versions = Object.values({ ...manifest["devDependencies"], ...manifest["dependencies"] });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});
