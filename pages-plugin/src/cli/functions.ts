import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { type ModuleType, moduleTypeOf } from "../../../contract/bundle/names.ts";
import { CommandFault } from "./fault.ts";
import { wranglerBuild } from "./wrangler-build.ts";

export interface CompiledModule {
  readonly name: string;
  readonly type: ModuleType;
  readonly content: Buffer;
}

/**
 * Compiles `functions/` with the project's own wrangler, as a deployment by hand would.
 *
 * @param project folder that holds `functions/` and the wrangler file, if there is one
 * @param output the build's output folder
 * @returns the modules, `index.js` being the main one; undefined where there is no `functions/`
 * @throws CommandFault `wrangler-missing`, `functions-failed`
 */
export function compileFunctions(project: string, output: string): CompiledModule[] | undefined {
  if (!existsSync(join(project, "functions"))) return undefined;
  const scratch = mkdtempSync(join(tmpdir(), "entra-gate-functions-"));
  try {
    const outdir = join(scratch, "worker");
    wranglerBuild(project, "functions/", ["--outdir", outdir, "--build-output-directory", output]);
    return modulesIn(outdir);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The modules in a folder, sorted by name. */
export function modulesIn(folder: string): CompiledModule[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join("/");
      const type = moduleTypeOf(name);
      if (type === undefined)
        throw new CommandFault(
          "functions-failed",
          `wrangler made ${name}, which is no module that Pages uploads.`,
        );
      return {
        name,
        type,
        content: type === "esm" ? steady(readFileSync(path, "utf8")) : readFileSync(path),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** wrangler names a scratch file of its own in a comment; without it the same functions make the same pack. */
function steady(code: string): Buffer {
  return Buffer.from(code.replace(/^\/\/ .*functionsRoutes-0\.\d+\.mjs$/gm, "// routes"));
}
