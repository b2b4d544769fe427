import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moduleTypeOf } from "../../../contract/bundle/names.ts";
import { CommandFault } from "./fault.ts";
import type { CompiledModule } from "./functions.ts";
import { wranglerBuild } from "./wrangler-build.ts";
import { compatibilityArguments } from "./wrangler-file.ts";

/** The main module's name in a pack: no framework makes a module of this name, and it tells a later wrapping. */
export const frameworkMain = "_worker.js";

/**
 * Bundles the `_worker.js` that a framework put into the output, file or folder, as wrangler would for its upload:
 * modules that lie outside the output (SvelteKit) come in, those of a folder and wasm stay modules of their own.
 *
 * @returns the modules, `_worker.js` being the main one; undefined where there is none
 * @throws CommandFault `not-a-file`, `wrangler-missing`, `functions-failed`, `worker-unusable`
 */
export async function bundleFrameworkWorker(
  project: string,
  output: string,
): Promise<CompiledModule[] | undefined> {
  const place = join(output, "_worker.js");
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.isDirectory() ? !existsSync(join(place, "index.js")) : !stat.isFile()) {
    throw new CommandFault(
      "not-a-file",
      "_worker.js is neither a file nor a folder with index.js. Put the worker itself there.",
    );
  }
  const scratch = mkdtempSync(join(tmpdir(), "entra-gate-worker-"));
  try {
    const outfile = join(scratch, "_worker.bundle");
    wranglerBuild(project, "_worker.js", [
      "--outfile",
      outfile,
      "--build-output-directory",
      output,
      ...compatibilityArguments(project),
    ]);
    return await modulesOf(readFileSync(outfile));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Reads wrangler's upload form: `metadata` names the main module, every other part is a module.
 *
 * @see developers.cloudflare.com/workers/configuration/multipart-upload-metadata
 */
async function modulesOf(form: Buffer): Promise<CompiledModule[]> {
  const boundary = form.subarray(2, form.indexOf("\r\n")).toString("latin1");
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const parts = [...(await new Response(new Uint8Array(form), { headers }).formData())];
  const metadata = parts.find(([name]) => name === "metadata")?.[1];
  // A worker of the old kind (addEventListener) has a `body_part` instead.
  const { main_module: main } = JSON.parse(String(metadata)) as { main_module?: string };
  if (main === undefined) throw notModule();
  const modules: CompiledModule[] = [];
  for (const [name, part] of parts) {
    if (typeof part === "string") continue;
    const content = Buffer.from(await part.arrayBuffer());
    if (name === main) modules.push({ name: frameworkMain, type: "esm", content: steady(content) });
    else modules.push(moduleOf(name.replace(/^\.\//, ""), content));
  }
  return modules.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function moduleOf(name: string, content: Buffer): CompiledModule {
  const type = moduleTypeOf(name);
  if (type !== undefined) return { name, type, content };
  throw new CommandFault(
    "worker-unusable",
    `_worker.js imports ${name}, which is no module that Pages uploads.`,
  );
}

/** Wrangler gives the bundle a random name and tells it in a comment; without it the same worker makes the same pack. */
function steady(content: Buffer): Buffer {
  const code = content.toString("utf8").replace(/^\/\/# sourceMappingURL=.*$/gm, "");
  if (!/\bexport\s*(default\b|\{[^}]*\bdefault\b)/.test(code)) throw notModule();
  return Buffer.from(code);
}

function notModule(): CommandFault {
  return new CommandFault(
    "worker-unusable",
    "_worker.js has no default export. Only module workers can stand behind the gate, not addEventListener.",
  );
}
