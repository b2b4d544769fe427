import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  collisionKey,
  isIgnoredAsset,
  isReservedAsset,
  nameProblem,
  packLimits,
} from "../../../contract/bundle/names.ts";
import { CommandFault } from "./fault.ts";

/** One static file of a build. */
export interface OutputFile {
  /** Below the output folder, with `/`. */
  readonly path: string;
  readonly content: Buffer;
  readonly sha256: string;
}

export interface Output {
  /** Sorted by path; `_routes.json` and a framework's `_worker.js` are not among them. */
  readonly files: readonly OutputFile[];
  /** Text of `_routes.json`, if the build made one. */
  readonly routes?: string;
}

/**
 * Collects a build's output folder, dot folders included: `.well-known/` is part of a site.
 *
 * @throws CommandFault naming the file that can't be deployed, or not behind a gate
 */
export function readOutput(folder: string): Output {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    throw new CommandFault(
      "output-missing",
      `${folder} is not a folder. Build the site first, or name its output folder.`,
    );
  }
  const files: OutputFile[] = [];
  let routes: string | undefined;
  for (const path of walk(folder, "")) {
    if (path === "_routes.json") {
      routes = readFileSync(join(folder, path), "utf8");
      continue;
    }
    checkName(path);
    const content = readFileSync(join(folder, path));
    if (content.length > packLimits.fileBytes) {
      throw new CommandFault(
        "file-too-large",
        `${path} has ${content.length} bytes; Pages takes files of at most 25 MiB.`,
      );
    }
    files.push({ path, content, sha256: createHash("sha256").update(content).digest("hex") });
    if (files.length > packLimits.files) {
      throw new CommandFault(
        "too-many-files",
        `${folder} holds more than ${packLimits.files} files, which is Pages' limit.`,
      );
    }
  }
  checkCollisions(files);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return routes === undefined ? { files } : { files, routes };
}

function walk(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (isIgnoredAsset(path)) return [];
    if (path === "_worker.js") return [];
    if (entry.isDirectory()) return walk(root, path);
    if (!entry.isFile()) {
      throw new CommandFault(
        "not-a-file",
        `${path} is a ${entry.isSymbolicLink() ? "symbolic link" : "special file"}. Put the file itself there.`,
      );
    }
    return [path];
  });
}

function checkName(path: string): void {
  const problem = nameProblem(path);
  if (problem !== undefined)
    throw new CommandFault("name-unusable", `${JSON.stringify(path)} ${problem}. Rename it.`);
  if (isReservedAsset(path)) {
    throw new CommandFault(
      "name-reserved",
      `${path} has a name that means something to Pages, wrangler or the gate. Leave it out of the output folder.`,
    );
  }
}

function checkCollisions(files: readonly OutputFile[]): void {
  const seen = new Map<string, string>();
  for (const { path } of files) {
    const other = seen.get(collisionKey(path));
    if (other !== undefined)
      throw new CommandFault(
        "name-collision",
        `${other} and ${path} are one name where case does not count. Rename one.`,
      );
    seen.set(collisionKey(path), path);
  }
}
