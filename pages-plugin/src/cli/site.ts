import { createHash } from "node:crypto";
import { tarEntries } from "../../../contract/bundle/names.ts";
import {
  type PackManifest,
  type PackRoutes,
  parseManifest,
  parseRoutes,
} from "../../../contract/bundle/pack.ts";
import { CommandFault } from "./fault.ts";
import { bundleFrameworkWorker, frameworkMain } from "./framework-worker.ts";
import { type CompiledModule, compileFunctions } from "./functions.ts";
import { readOutput } from "./output-files.ts";
import type { TarEntry } from "./tar.ts";
import type { WrappedBefore } from "./wrapped-before.ts";

/** A build as it goes into a pack: every file under its name inside the tar. */
export interface PackedSite {
  readonly manifest: PackManifest;
  readonly routes: PackRoutes;
  /** Everything but `pack.json`, sorted by name. */
  readonly entries: readonly TarEntry[];
}

/** The code of a site, and what made it. */
interface SiteCode {
  readonly kind: PackManifest["kind"];
  readonly main?: string;
  readonly modules: readonly CompiledModule[];
}

/**
 * Collects static files and the code behind them: a framework's `_worker.js`, else compiled functions. Pages leaves
 * `functions/` out where there is a `_worker.js`, and so does this.
 *
 * @param project folder that holds `functions/`
 * @param output the build's output folder
 * @param before what an earlier wrapping of the folder had found there
 */
export async function packSite(project: string, output: string, before?: WrappedBefore): Promise<PackedSite> {
  // Before the output is read: plugins may put files of their own into it while they are compiled.
  const code = await codeOf(project, output, before);
  const { files, routes: written } = readOutput(output);
  const routes: PackRoutes =
    code.kind === "static" ? { version: 1, exclude: [] } : (before?.routes ?? routesOf(written));
  const entries = [
    ...files.map(({ path, content }) => ({ name: tarEntries.assets + path, content })),
    { name: tarEntries.routes, content: Buffer.from(`${JSON.stringify(routes, null, 2)}\n`) },
    ...code.modules.map(({ name, content }) => ({ name: tarEntries.worker + name, content })),
  ];
  return { manifest: manifestOf(entries, code), routes, entries };
}

async function codeOf(project: string, output: string, before: WrappedBefore | undefined): Promise<SiteCode> {
  const worker = before?.worker ?? (await bundleFrameworkWorker(project, output));
  if (worker !== undefined) return { kind: "worker", main: frameworkMain, modules: worker };
  const functions = compileFunctions(project, output) ?? [];
  if (functions.length === 0) return { kind: "static", modules: [] };
  return { kind: "functions", main: "index.js", modules: functions };
}

function manifestOf(entries: readonly TarEntry[], { modules, ...code }: SiteCode): PackManifest {
  const manifest: PackManifest = {
    version: 1,
    ...code,
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

/** What a build wanted answered without its code; Pages' own rules for the file decide whether it is one. */
function routesOf(text: string | undefined): PackRoutes {
  if (text === undefined) return { version: 1, exclude: [] };
  let json: { version?: unknown; include?: unknown; exclude?: unknown } | null;
  try {
    json = JSON.parse(text) as typeof json;
  } catch {
    throw new CommandFault("routes-invalid", "_routes.json is not JSON.");
  }
  const { version, include, exclude = [] } = json ?? {};
  const checked = parseRoutes(JSON.stringify({ version, include: include ?? [], exclude }));
  if (checked.ok) {
    const { include: all, ...rest } = checked.value;
    return all?.includes("/*") ? rest : checked.value;
  }
  throw new CommandFault("routes-invalid", `_routes.json: ${checked.message}.`);
}
