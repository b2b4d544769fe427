import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { WrappedFile } from "../../contract/bundle/wrap.ts";
import { ActionError } from "../errors.ts";
import type { BundleFile } from "./types.ts";

/**
 * Writes the files of a deployment.
 *
 * @param from where the pack was unpacked
 * @param into an empty folder
 */
export async function writeFiles(files: readonly WrappedFile[], from: string, into: string): Promise<void> {
  for (const file of files) {
    const path = join(into, file.path);
    await mkdir(dirname(path), { recursive: true });
    if ("text" in file) await writeFile(path, file.text, { flag: "wx" });
    else await copyFile(join(from, file.from), path, constants.COPYFILE_EXCL);
  }
}

/**
 * Lists a folder with the digest of each file, sorted by path.
 *
 * @throws ActionError `site-unwrappable` where something in it is not a plain file
 */
export async function listFiles(folder: string): Promise<BundleFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: BundleFile[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const absolute = join(entry.parentPath, entry.name);
    const path = relative(folder, absolute).split(sep).join("/");
    if (!entry.isFile()) throw new ActionError("site-unwrappable", `${path} is not a plain file.`);
    const content = await readFile(absolute);
    files.push({ path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One digest for a whole list of files, names included. */
export function digestOf(files: readonly BundleFile[]): string {
  const hash = createHash("sha256");
  for (const { path, size, sha256 } of files) hash.update(`${JSON.stringify(path)} ${size} ${sha256}\n`);
  return hash.digest("hex");
}

/** The worker's modules among a deployment's files: digest by path. */
export function modulesOf(files: readonly BundleFile[]): Record<string, string> {
  const modules = files.filter(({ path }) => path.startsWith("_worker.js/"));
  return Object.fromEntries(modules.map(({ path, sha256 }) => [path, sha256]));
}

export function sameModules(
  some: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name]);
}
