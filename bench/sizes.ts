import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { run } from "../local/build/process.ts";
import { buildWorkers, workerd } from "../local/build/workers.ts";

/** The gates as `npm run build` makes them, from the sources as they are now. */
export interface BuiltGates {
  /** dist/gate/site.js, what stands in front of a wrapped site. */
  readonly site: string;
  /** dist/gate/host.js */
  readonly host: string;
}

export async function buildGates(root: string): Promise<BuiltGates> {
  const out = mkdtempSync(join(tmpdir(), "entra-gate-bench-"));
  try {
    await buildWorkers(root, out);
    const read = (name: string) => readFileSync(join(out, "gate", name), "utf8");
    return { site: read("site.js"), host: read("host.js") };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** What visitors are shown: template with style, scripts, and every text in every language. */
const pageModules: Readonly<Record<string, string>> = {
  "pages-plugin/src/http/pages.ts": "export const renderPage = () => '', pagePolicy = () => ''",
  "pages-plugin/src/http/language.ts": "export const chooseLanguage = () => 'en'",
  "pages-plugin/src/site/scripts.ts": "export const signInScript = '', returnScript = ''",
  "contract/texts/languages.ts": "export const languages = []",
  "contract/texts/site.ts": "export const siteTexts = {}",
};

/** dist/gate/site.js as it would be if nobody was shown anything: what is missing is what the pages cost. */
export async function buildSiteWithoutPages(root: string): Promise<string> {
  const left = new Set(Object.keys(pageModules));
  const withoutPages: Plugin = {
    name: "without-pages",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const name = relative(root, path).replaceAll("\\", "/");
        left.delete(name);
        const contents = pageModules[name];
        return contents === undefined ? undefined : { contents, loader: "ts" };
      });
    },
  };
  const { outputFiles } = await build({
    ...workerd,
    absWorkingDir: root,
    entryPoints: ["pages-plugin/src/entries/wrapped.ts"],
    external: ["node:*"],
    plugins: [withoutPages],
    write: false,
  });
  if (left.size > 0) throw new Error(`not part of a site any more: ${[...left].join(", ")}`);
  return outputFiles[0]?.text ?? "";
}

/** Bytes on the wire, as Cloudflare counts a worker's size. */
export function gzipSize(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}

/**
 * A Pages project with nothing but the plugin in `functions/_middleware.ts`, built by wrangler as the plugin's users
 * build it: the functions router is in it, too.
 *
 * @returns the worker's code
 */
export async function buildPluginProject(root: string): Promise<string> {
  const project = mkdtempSync(join(tmpdir(), "entra-gate-bench-"));
  try {
    await functionsBuild(root, join(root, "pages-plugin"), ["--plugin", "--outdir", join(project, "plugin")]);
    mkdirSync(join(project, "functions"));
    writeFileSync(
      join(project, "functions", "_middleware.js"),
      `import entraGate from "../plugin/index.js"; import policy from "../gate.json"; export const onRequest = entraGate(policy);`,
    );
    writeFileSync(join(project, "gate.json"), "{}");
    await functionsBuild(root, project, ["--outdir", "built"]);
    return readFileSync(join(project, "built", "index.js"), "utf8");
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

function functionsBuild(root: string, project: string, options: readonly string[]): Promise<string> {
  const require = createRequire(join(root, "package.json"));
  const wrangler = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  // With a later date wrangler adds Node's polyfills, which are neither the gate's nor the router's.
  const command = ["pages", "functions", "build", "--minify", "--compatibility-date", "2025-01-01"];
  return run(process.execPath, [wrangler, ...command, ...options], project, {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    CI: "true",
  });
}
