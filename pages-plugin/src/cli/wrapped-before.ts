import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PackRoutes } from "../../../contract/bundle/pack.ts";
import { allRoutes, wrappedNames } from "../../../contract/bundle/wrap.ts";
import type { SiteConfig } from "../../../contract/config/site.ts";
import { CommandFault } from "./fault.ts";
import { frameworkMain } from "./framework-worker.ts";
import { type CompiledModule, modulesIn } from "./functions.ts";

/** What an earlier wrapping of a folder had found there and replaced. */
export interface WrappedBefore {
  readonly routes: PackRoutes;
  /** Modules of a framework's worker, which is nowhere else any more; functions are compiled again. */
  readonly worker?: readonly CompiledModule[];
}

const indexShape =
  /^import \{ createGate \} from "\.\/gate\.js";\nimport config from "\.\/config\.js";\nimport site from "\.\/site\/([^"]+)";\nexport default createGate\(config, site\);\n$/;
const configShape = /^export default JSON\.parse\((".*")\);\n$/;

/**
 * Looks whether a folder was wrapped in place before: its worker has a gate of this command's.
 *
 * @throws CommandFault `wrapped-unreadable` where it was, and is no longer of exactly the shape that was written: what
 *   the build had put there can't be told from what was changed
 */
export function wrappedBefore(folder: string): WrappedBefore | undefined {
  const { index, config, routes, gate, site } = wrappedNames;
  const text = textOf(join(folder, index));
  if (text === undefined || !existsSync(join(folder, gate)) || !text.includes('from "./gate.js"'))
    return undefined;
  const main = indexShape.exec(text)?.[1] ?? changed(index);
  const literal = configShape.exec(textOf(join(folder, config)) ?? "")?.[1] ?? changed(config);
  if (textOf(join(folder, routes)) !== allRoutes) changed(routes);
  return {
    routes: routesIn(literal),
    ...(main === frameworkMain ? { worker: modulesIn(join(folder, site)) } : {}),
  };
}

/** What the build's own `_routes.json` said, as the gate was told. */
function routesIn(literal: string): PackRoutes {
  try {
    const { staticPaths: exclude = [], workerPaths: include } = JSON.parse(JSON.parse(literal)) as SiteConfig;
    return {
      version: 1,
      ...(include === undefined ? {} : { include: [...include] }),
      exclude: [...exclude],
    };
  } catch {
    return changed(wrappedNames.config);
  }
}

function changed(name: string): never {
  throw new CommandFault(
    "wrapped-unreadable",
    `${name} was changed since the folder was wrapped. Build the site again, then wrap it.`,
  );
}

/**
 * Takes an earlier wrapping off while `work` looks at the build below it. Where `work` fails the wrapping is put
 * back: a folder that was gated is never left without its gate.
 */
export async function withoutWrapping<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const aside = mkdtempSync(join(dirname(folder), ".entra-gate-"));
  const parts = ["_worker.js", wrappedNames.routes];
  try {
    for (const part of parts) renameSync(join(folder, part), join(aside, part));
    return await work();
  } catch (error) {
    for (const part of parts) {
      if (!existsSync(join(aside, part))) continue;
      rmSync(join(folder, part), { recursive: true, force: true });
      renameSync(join(aside, part), join(folder, part));
    }
    throw error;
  } finally {
    rmSync(aside, { recursive: true });
  }
}

function textOf(path: string): string | undefined {
  // What lies below a framework's `_worker.js`, where that is a file, is no entry either.
  const inFolder = lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === true;
  const isFile = inFolder && lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? readFileSync(path, "utf8") : undefined;
}
