import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..", "..");

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Line of the opening fence. */
  readonly line: number;
  /** The word after the fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
}

/** What is wrong with a block, one text each; none where it holds. */
export type Check = (block: Block) => readonly string[] | Promise<readonly string[]>;

/** The repository's pages, new ones that are not committed yet among them. */
export const pages: readonly string[] = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
  { cwd: root, encoding: "utf8" },
)
  .split("\n")
  .filter((page) => page !== "" && !page.includes("/testdata/") && existsSync(join(root, page)));

export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  const blocks: Block[] = [];
  let opened: { line: number; language: string; indent: string } | undefined;
  lines.forEach((line, index) => {
    const [, indent = "", language = ""] = /^( *)```(\S*)/.exec(line) ?? [];
    if (!/^ *```/.test(line)) return;
    if (opened === undefined) {
      opened = { line: index + 1, language, indent };
      return;
    }
    const { indent: cut, ...rest } = opened;
    const text = lines
      .slice(rest.line, index)
      .map((one) => (one.startsWith(cut) ? one.slice(cut.length) : one));
    blocks.push({ page, ...rest, text: `${text.join("\n")}\n` });
    opened = undefined;
  });
  if (opened !== undefined) throw new Error(`${page}:${opened.line}: the block has no end`);
  return blocks;
}

export const blocks: readonly Block[] = pages.flatMap(blocksOf);

/** What a reader puts something of his own for: `<object id>`. */
export const placeholder = /<[a-z][^<>\n]*>/gi;
