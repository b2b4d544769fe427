import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { run } from "./process.ts";
import { workerd } from "./workers.ts";

/**
 * Builds the publishable package into `out` (pages-plugin/dist): the plugin the way Cloudflare builds plugins,
 * the entries for plain Workers, Hono and sites that sign in for themselves, the command, and a copy of the prebuilt site gate for `entra-gate wrap`.
 */
export async function buildPlugin(root: string, dist: string, out: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  const require = createRequire(join(root, "package.json"));
  const wrangler = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  const scratch = join(root, ".local", "plugin");
  rmSync(scratch, { recursive: true, force: true });
  await run(
    process.execPath,
    [
      wrangler,
      "pages",
      "functions",
      "build",
      "--plugin",
      "--minify",
      "--outdir",
      scratch,
      "--compatibility-date",
      "2025-01-01",
    ],
    join(root, "pages-plugin"),
    { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
  );
  cpSync(join(scratch, "index.js"), join(out, "index.js"));
  for (const gate of ["site", "site-bearer"])
    cpSync(join(dist, "gate", `${gate}.js`), join(out, `gate-${gate}.js`));
  await build({
    ...workerd,
    absWorkingDir: root,
    entryPoints: ["worker", "hono", "standalone"].map((name) => `pages-plugin/src/entries/${name}.ts`),
    outdir: out,
  });
  await build({
    absWorkingDir: root,
    entryPoints: { cli: "pages-plugin/src/cli/main.ts" },
    outdir: out,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    logLevel: "error",
    // commander and tar-stream are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as __require } from "node:module"; const require = __require(import.meta.url);',
    },
  });
}
