import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { allRoutes, wrappedNames } from "../../../contract/bundle/wrap.ts";
import { CommandFault } from "./fault.ts";

/** What an earlier wrapping of a folder had found there and replaced. */
export interface WrappedBefore {
  readonly staticPaths: readonly string[];
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
    const { staticPaths = [] } = JSON.parse(JSON.parse(literal) as string) as { staticPaths?: string[] };
    return { staticPaths };
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
export function withoutWrapping<T>(folder: string, work: () => T): T {
  const aside = mkdtempSync(join(dirname(folder), ".entra-gate-"));
  const parts = ["_worker.js", wrappedNames.routes];
  try {
    for (const part of parts) renameSync(join(folder, part), join(aside, part));
    return work();
  } catch (error) {
    for (const part of parts)
      if (existsSync(join(aside, part))) renameSync(join(aside, part), join(folder, part));
    throw error;
  } finally {
    rmSync(aside, { recursive: true });
  }
}

function textOf(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(path, "utf8")
    : undefined;
}
