import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "esbuild";

/** How a module for workerd is bundled. */
export const workerd: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2024",
  mainFields: ["module", "main"],
  conditions: ["workerd", "worker", "import"],
  minify: true,
  // Every character of the pages’ languages would else be written as six.
  charset: "utf8",
  legalComments: "none",
  logLevel: "error",
};

/** The modules that run in workerd: the two gates, Pages' asset server for rehearsals, and the link card. */
export async function buildWorkers(root: string, out: string): Promise<void> {
  const entries = {
    "gate/site": "pages-plugin/src/entries/wrapped.ts",
    "gate/site-bearer": "pages-plugin/src/entries/wrapped-bearer.ts",
    "gate/host": "pages-plugin/src/entries/host.ts",
    "pages-runtime/asset-server": "src/pages-runtime/asset-server.ts",
  };
  await build({ ...workerd, absWorkingDir: root, entryPoints: entries, outdir: out, external: ["node:*"] });
  await buildCard(root, join(out, "card"));
}

/** wasm and font stay files of their own: workerd wants them as modules of their own type. */
async function buildCard(root: string, out: string): Promise<void> {
  await build({
    ...workerd,
    absWorkingDir: root,
    entryPoints: { worker: "src/card/worker.ts" },
    outdir: out,
    external: ["*.wasm", "*.bin", "node:*"],
  });
  const require = createRequire(join(root, "package.json"));
  const api = dirname(require.resolve("@cloudflare/pages-plugin-vercel-og/api"));
  mkdirSync(out, { recursive: true });
  for (const file of ["resvg.wasm", "yoga.wasm", "noto-sans-v27-latin-regular.ttf.bin"])
    cpSync(join(api, file), join(out, file));
}
