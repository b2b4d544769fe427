import type { SiteConfig } from "../config/site.ts";
import { tarEntries } from "./names.ts";
import type { PackManifest, PackRoutes } from "./pack.ts";

/** One file of a wrapped deployment: its text, or the entry of the pack that it is a copy of. */
export type WrappedFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly from: string };

/** Names inside a wrapped deployment that are nobody's but the wrapping's. */
export const wrappedNames = {
  index: "_worker.js/index.js",
  gate: "_worker.js/gate.js",
  config: "_worker.js/config.js",
  site: "_worker.js/site/",
  routes: "_routes.json",
  card: ".auth/card.png",
} as const;

/** Sends every request to the worker: what the build had excluded goes from the gate straight to the assets. */
export const allRoutes = '{"version":1,"include":["/*"],"exclude":[]}\n';

/** What stands behind the gate where the build has no code of its own. */
const staticSite = "export default { fetch: (request, env) => env.ASSETS.fetch(request) };\n";

/**
 * The files of a wrapped deployment (docs/architecture.md, "A wrapped deployment"). `index.js` only imports, and the
 * gate is evaluated before the site, so that the site's code can't replace what the gate builds on.
 *
 * @param manifest of the pack, already validated
 * @param gateCode dist/gate/site.js, or site-bearer.js where the policy has `bearer`
 * @param config what the gate is made with, the pack's routes among it (withRoutes)
 */
export function wrapFiles(manifest: PackManifest, gateCode: string, config: SiteConfig): WrappedFile[] {
  const main = manifest.main ?? "index.js";
  const files: WrappedFile[] = [
    { path: wrappedNames.index, text: indexModule(main) },
    { path: wrappedNames.gate, text: gateCode },
    { path: wrappedNames.config, text: configModule(config) },
    { path: wrappedNames.routes, text: allRoutes },
  ];
  if (manifest.kind === "static") files.push({ path: `${wrappedNames.site}index.js`, text: staticSite });
  for (const { path } of manifest.files) {
    if (path.startsWith(tarEntries.assets))
      files.push({ path: path.slice(tarEntries.assets.length), from: path });
    else if (path.startsWith(tarEntries.worker))
      files.push({ path: wrappedNames.site + path.slice(tarEntries.worker.length), from: path });
  }
  return files;
}

/** A gate's configuration with what the build's `_routes.json` says; a pattern for every path says nothing. */
export function withRoutes<Config extends object>(config: Config, { include, exclude }: PackRoutes) {
  return {
    ...config,
    ...(exclude.length === 0 ? {} : { staticPaths: exclude }),
    ...(include === undefined || include.includes("/*") ? {} : { workerPaths: include }),
  };
}

function indexModule(main: string): string {
  return [
    'import { createGate } from "./gate.js";',
    'import config from "./config.js";',
    `import site from ${JSON.stringify(`./site/${main}`)};`,
    "export default createGate(config, site);",
    "",
  ].join("\n");
}

/** Through JSON.parse, since a key like `__proto__` means something else in an object literal than in JSON. */
function configModule(config: SiteConfig): string {
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(config))});\n`;
}

/**
 * A deployment that shows nothing to anybody, in the place of one that could not be proved closed. Where its worker is
 * not run either, every path has its 404 page, which names it too.
 *
 * @param bundle id by which the outside check knows it
 */
export function denyAllFiles(bundle: string): WrappedFile[] {
  const body = "This deployment has been closed.\n";
  const worker = `export default { fetch: () => new Response(${JSON.stringify(body)}, { status: 403, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-entra-gate-code": "deny-all", "x-entra-gate-reference": ${JSON.stringify(bundle)} } }) };\n`;
  return [
    { path: wrappedNames.index, text: worker },
    { path: wrappedNames.routes, text: allRoutes },
    { path: "404.html", text: `<!doctype html>\n<title>Closed</title>\n<!-- ${bundle} -->\n${body}` },
  ];
}
