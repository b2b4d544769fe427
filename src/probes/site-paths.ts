import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import { parseRedirectsFile } from "../pages-runtime/redirects-file.ts";
import type { Bundle } from "../steps/types.ts";
import type { SitePaths } from "./list.ts";

const most = 12;
const example = "entra-gate-probe";

/** Where a route stands in what wrangler (`routePath`), SvelteKit (`id`), Astro and Nitro (`route`), vue-router (`path`) write. */
const routes = /\b(?:routePath|route|id|path)"?:\s*["'`](\/[^"'`\s\\]{0,200})["'`]/g;

/**
 * Finds the paths of a bundle that are not files: sources of its `_redirects`, and the routes that wrangler or a
 * framework wrote into the site's code. What a build claims here only adds probes.
 */
export async function readSitePaths(bundle: Bundle): Promise<SitePaths> {
  const functions = new Set<string>();
  const redirects = new Set<string>();
  for (const { path, size } of bundle.files) {
    if (path === "_redirects") {
      const rules = parseRedirectsFile(await readFile(join(bundle.folder, path), "utf8"));
      for (const { from } of rules) redirects.add(filled(from.replace(/^https?:\/\/[^/]*/, "")));
    } else if (path.startsWith(wrappedNames.site) && /\.m?js$/.test(path) && size < 10_000_000) {
      const code = await readFile(join(bundle.folder, path), "utf8");
      for (const [, route] of code.matchAll(routes)) functions.add(filled(route ?? "/"));
    }
  }
  return { functions: [...functions].slice(0, most), redirects: [...redirects].slice(0, most) };
}

/** A path that the pattern matches: parameters in the writing of each framework filled in, SvelteKit's groups left out. */
function filled(pattern: string): string {
  return (
    pattern
      .replace(/\/\([^)/]+\)/g, "")
      .replace(/\[+[^\]]*\]+|:[A-Za-z]\w*(\([^)]*\))?[*+?]?|\*+/g, example) || "/"
  );
}
