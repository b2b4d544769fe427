import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One file that `init` wants to be there. */
export interface PlannedFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  readonly content: string;
  /** `kept`: something else is there under that name, and stays as it is. */
  readonly state: "new" | "unchanged" | "kept";
}

/** Compares what is wanted with what is there; nothing that exists is ever written. */
export function planFile(root: string, path: string, content: string): PlannedFile {
  const place = join(root, path);
  if (!existsSync(place)) return { path, content, state: "new" };
  return { path, content, state: readFileSync(place, "utf8") === content ? "unchanged" : "kept" };
}

/** Writes what is new; a file that came into being meanwhile is not overwritten, but ends the command. */
export function writePlan(root: string, plan: readonly PlannedFile[]): void {
  for (const { path, content, state } of plan) {
    if (state !== "new") continue;
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content, { flag: "wx" });
  }
}

const words: Readonly<Record<PlannedFile["state"], string>> = {
  new: "new",
  unchanged: "is there already, the same",
  kept: "is there already and stays as it is",
};

/** What will be written, whole: nobody should have to trust a summary. */
export function planText(plan: readonly PlannedFile[]): string {
  const files = plan.filter(({ state }) => state === "new");
  return [
    ...plan.map(({ path, state }) => `  ${path}: ${words[state]}`),
    ...files.map(({ path, content }) => `\n--- ${path}\n${content.trimEnd()}`),
  ].join("\n");
}
