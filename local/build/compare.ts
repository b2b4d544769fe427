import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** The empty name stands for a path that is itself a file. */

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (statSync(folder).isFile()) return [""];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** One line for each file that is missing, left over, or not the same to the byte. */
export function differences(fresh: string, committed: string): string[] {
  const wanted = new Set(files(fresh));
  const present = new Set(files(committed));
  const lines: string[] = [];
  for (const file of wanted) {
    if (!present.has(file)) lines.push(`missing: ${join(committed, file)}`);
    else if (!readFileSync(join(fresh, file)).equals(readFileSync(join(committed, file))))
      lines.push(`differs: ${join(committed, file)}`);
  }
  for (const file of present) if (!wanted.has(file)) lines.push(`left over: ${join(committed, file)}`);
  return lines;
}
