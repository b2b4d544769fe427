import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { tarEntries } from "../../../contract/bundle/names.ts";
import {
  type PackManifest,
  type PackRoutes,
  parseManifest,
  parseRoutes,
} from "../../../contract/bundle/pack.ts";
import { CommandFault } from "./fault.ts";
import { type CompiledModule, compileFunctions } from "./functions.ts";
import { readOutput } from "./output-files.ts";
import type { TarEntry } from "./tar.ts";

/** A build as it goes into a pack: every file under its name inside the tar. */
export interface PackedSite {
  readonly manifest: PackManifest;
  readonly routes: PackRoutes;
  /** Everything but `pack.json`, sorted by name. */
  readonly entries: readonly TarEntry[];
}

/**
 * Collects static files and compiled functions.
 *
 * @param project folder that holds `functions/`
 * @param output the build's output folder
 * @param exclude route excludes known from elsewhere; otherwise those of the output's `_routes.json` are taken
 */
export function packSite(project: string, output: string, exclude?: readonly string[]): PackedSite {
  // Before the output is read: plugins may put files of their own into it while they are compiled.
  const modules = existsSync(join(output, "_worker.js")) ? [] : (compileFunctions(project, output) ?? []);
  const { files, routes: written } = readOutput(output);
  const routes: PackRoutes = {
    version: 1,
    exclude: modules.length === 0 ? [] : [...(exclude ?? excludesOf(written))],
  };
  const entries = [
    ...files.map(({ path, content }) => ({ name: tarEntries.assets + path, content })),
    { name: tarEntries.routes, content: Buffer.from(`${JSON.stringify(routes, null, 2)}\n`) },
    ...modules.map(({ name, content }) => ({ name: tarEntries.worker + name, content })),
  ];
  return { manifest: manifestOf(entries, modules), routes, entries };
}

function manifestOf(entries: readonly TarEntry[], modules: readonly CompiledModule[]): PackManifest {
  const manifest: PackManifest = {
    version: 1,
    kind: modules.length === 0 ? "static" : "functions",
    ...(modules.length === 0 ? {} : { main: "index.js" }),
    modules: modules.map(({ name, type }) => ({ name, type })),
    files: entries.map(({ name, content }) => ({
      path: name,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
  };
  const checked = parseManifest(JSON.stringify(manifest));
  if (!checked.ok) throw new CommandFault("pack-invalid", `The site can't be packed: ${checked.message}.`);
  return manifest;
}

/** What a build wanted answered without its functions; Pages' own rules for the file decide whether it is one. */
function excludesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    const { exclude = [] } = JSON.parse(text) as { exclude?: string[] };
    const checked = parseRoutes(JSON.stringify({ version: 1, exclude }));
    if (checked.ok) return checked.value.exclude;
    throw new CommandFault("routes-invalid", `_routes.json: ${checked.message}.`);
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault("routes-invalid", "_routes.json is not JSON.");
  }
}
