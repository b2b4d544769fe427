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

/**
 * Looks whether a folder was wrapped in place before. `_worker.js/` and `_routes.json` are this command's only if
 * they are exactly of the shape that it writes; anything else stays and is refused later.
 */
export function wrappedBefore(folder: string): WrappedBefore | undefined {
  const [index, config, routes] = [wrappedNames.index, wrappedNames.config, wrappedNames.routes].map((name) =>
    textOf(join(folder, name)),
  );
  if (index === undefined || config === undefined || routes !== allRoutes) return undefined;
  if (
    !existsSync(join(folder, wrappedNames.gate)) ||
    !index.endsWith("export default createGate(config, site);\n")
  )
    return undefined;
  const literal = /^export default JSON\.parse\((".*")\);\n$/.exec(config)?.[1];
  if (literal === undefined) return undefined;
  try {
    const { staticPaths: exclude = [], workerPaths: include } = JSON.parse(JSON.parse(literal)) as SiteConfig;
    const routes: PackRoutes = {
      version: 1,
      ...(include === undefined ? {} : { include: [...include] }),
      exclude: [...exclude],
    };
    const isWorker = index.includes(`"./site/${frameworkMain}"`);
    return { routes, ...(isWorker ? { worker: modulesIn(join(folder, wrappedNames.site)) } : {}) };
  } catch {
    throw new CommandFault(
      "wrapped-unreadable",
      `${wrappedNames.config} was changed by hand. Build the site again, then wrap it.`,
    );
  }
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
