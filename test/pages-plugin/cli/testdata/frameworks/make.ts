import { spawnSync } from "node:child_process";
import { cpSync, createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { build } from "esbuild";
import { pack } from "tar-stream";

/**
 * Builds the small sites in sites/ with their real frameworks and keeps what these emit for Cloudflare Pages, as
 * <name>.tar.gz beside this file. Needs the network; run it by hand to move to newer versions:
 *
 *   node test/pages-plugin/cli/testdata/frameworks/make.ts [sveltekit|astro|nuxt]
 *
 * What is kept holds code of the frameworks' runtimes, all under the MIT licence: see NOTICE.md.
 */
const parts = {
  // SvelteKit's _worker.js imports from beside the output folder.
  sveltekit: [".svelte-kit/cloudflare", ".svelte-kit/cloudflare-tmp", ".svelte-kit/output/server"],
  astro: ["dist"],
  nuxt: ["dist"],
} as const;

const here = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), "frameworks-"));

function run(folder: string, ...args: readonly string[]): void {
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };
  const { status } = spawnSync("npm", args, { cwd: folder, env, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed in ${folder}`);
}

async function keep(name: keyof typeof parts, folder: string): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(join(here, `${name}.tar.gz`)));
  const files = [...parts[name], "wrangler.jsonc"].flatMap((part) => filesIn(folder, part));
  if (name === "sveltekit") files.push(...(await imported(folder, `${parts[name][0]}/_worker.js`)));
  files.sort();
  for (const file of files) tar.entry({ name: file, mtime: new Date(0) }, neutral(folder, file));
  tar.finalize();
  await written;
}

/** What _worker.js imports from node_modules and wrangler would bundle, with the package.json of each. */
async function imported(folder: string, worker: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [worker],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  const files = Object.keys(metafile.inputs).filter((file) => file.startsWith("node_modules/"));
  const packages = files.map((file) => /^node_modules\/(@[^/]+\/)?[^/]+\//.exec(file)?.[0] ?? "");
  return [...files, ...new Set(packages.map((name) => `${name}package.json`))];
}

function filesIn(folder: string, part: string): string[] {
  if (part.endsWith(".jsonc")) return [part];
  const entries = readdirSync(join(folder, part), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Astro bakes the place where it was built into its manifest. Nothing of this machine is kept. */
function neutral(folder: string, file: string): Buffer {
  const content = readFileSync(join(folder, file));
  return content.includes(folder) ? Buffer.from(content.toString("utf8").replaceAll(folder, "/site")) : content;
}

try {
  const named = process.argv.slice(2);
  for (const name of Object.keys(parts) as (keyof typeof parts)[]) {
    if (named.length > 0 && !named.includes(name)) continue;
    const folder = join(scratch, name);
    cpSync(join(here, "sites", name), folder, { recursive: true });
    run(folder, "install", "--no-audit", "--no-fund");
    run(folder, "run", "build");
    await keep(name, folder);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
