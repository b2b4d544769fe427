import { readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { globMatches } from "./patterns.ts";

/**
 * Files that a list of paths and patterns means, as GitHub's actions read it: a folder is all that is in it, dot files
 * included; links are followed; `!` takes back. Wildcards don't look into node_modules unless the pattern names it.
 */
export function findFiles(workspace: string, patterns: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) {
      for (const file of found) if (isMeant(workspace, pattern.slice(1), file)) found.delete(file);
      continue;
    }
    const skipped = hasWildcard(pattern) && !pattern.includes("node_modules") ? "node_modules" : undefined;
    for (const file of walk(baseOf(workspace, pattern), skipped))
      if (isMeant(workspace, pattern, file)) found.add(file);
  }
  return [...found].sort();
}

/** The folder that artifact names are relative to: the one path's own, else what all have in common. */
export function commonRoot(workspace: string, patterns: readonly string[]): string {
  const bases = patterns
    .filter((pattern) => !pattern.startsWith("!"))
    .map((pattern) => baseOf(workspace, pattern))
    .map((base) => (statSync(base, { throwIfNoEntry: false })?.isFile() === true ? dirname(base) : base));
  return bases.reduce((common, path) => {
    let ancestor = common;
    while (!isWithin(ancestor, path)) ancestor = dirname(ancestor);
    return ancestor;
  });
}

/** The part of a pattern before its first wildcard, as a path. */
function baseOf(workspace: string, pattern: string): string {
  const wildcard = pattern.search(/[*?[]/);
  return resolve(
    workspace,
    wildcard < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf("/", wildcard) + 1),
  );
}

function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** True where the pattern matches the file or a folder that it is in. */
function isMeant(workspace: string, pattern: string, file: string): boolean {
  if (!hasWildcard(pattern)) return isWithin(resolve(workspace, pattern), file);
  const clean = relative(workspace, resolve(workspace, pattern));
  for (let path = file; isWithin(workspace, path) && path !== workspace; path = dirname(path)) {
    if (globMatches(clean, relative(workspace, path))) return true;
  }
  return false;
}

function walk(start: string, skipped: string | undefined, above: ReadonlySet<string> = new Set()): string[] {
  const info = statSync(start, { throwIfNoEntry: false });
  if (info?.isFile() === true) return [start];
  if (info?.isDirectory() !== true) return [];
  const real = realpathSync(start);
  // A link to a folder that it lies in would never end.
  if (above.has(real)) return [];
  const within = new Set([...above, real]);
  return readdirSync(start)
    .filter((name) => name !== skipped)
    .flatMap((name) => walk(join(start, name), skipped, within));
}
