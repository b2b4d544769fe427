import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((page) => page !== "" && existsSync(join(root, page)));

interface Link {
  readonly page: string;
  readonly target: string;
}

/** Links of the text, not of its code. */
function linksOf(page: string): Link[] {
  const text = readFileSync(join(root, page), "utf8")
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({ page, target }));
}

/** A heading's anchor as GitHub makes it. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

const inside = pages.flatMap(linksOf).filter(({ target }) => !/^[a-z]+:/.test(target));

describe("links inside the repository", () => {
  it("lead to a file that is there, and to a heading that it has", () => {
    expect(inside.length).toBeGreaterThan(20);
    const broken = inside.filter(({ page, target }) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("reach every page of docs/ from the README or from a page that it links to", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached)
      for (const { page: from, target } of inside)
        if (from === page) reached.add(normalize(join(dirname(from), target.split("#")[0] || from)));
    expect(pages.filter((page) => page.startsWith("docs/") && !reached.has(page))).toEqual([]);
  });
});
