import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blocksOf, root } from "./block.ts";
import type { Words } from "./shell-words.ts";

const program = join(root, "pages-plugin", "bin", "entra-gate.js");

/** Runs what a page tells people to type where the built command needs no more than the policy of that page, or the demo's. */
export function runHere(page: string, words: Words): readonly string[] {
  const [name = "", what = ""] = words.slice(words.indexOf("entra-gate") + 1);
  if (!words.includes("entra-gate") || words.includes("etc")) return [];
  const alone = name === "test" || name === "keygen" || (name === "explain" && /^[/a-z-]+$/.test(what));
  if (!alone) return [];
  const folder = mkdtempSync(join(tmpdir(), "docs-command-"));
  try {
    const own = blocksOf(page).find(
      ({ language, text }) => language === "json" && /"(preview|production)"/.test(text),
    );
    writeFileSync(
      join(folder, "gate.json"),
      own?.text ?? readFileSync(join(root, "examples", "demo", "gate.json"), "utf8"),
    );
    const args = [program, ...words.slice(words.indexOf("entra-gate") + 1)];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    return status === 0 ? [] : [`${words.join(" ")}: ended with ${status}: ${stderr}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
