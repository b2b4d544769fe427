import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import { parseRedirectsFile } from "../pages-runtime/redirects-file.ts";
import type { Bundle } from "../steps/types.ts";
import type { SitePaths } from "./list.ts";

const most = 12;
const example = "entra-gate-probe";

/**
 * Finds the paths of a bundle that are not files: sources of its `_redirects`, and the routes that wrangler wrote
 * into the compiled functions (`routePath: "/api/:name*"`). What a build claims here only adds probes.
 */
export async function readSitePaths(bundle: Bundle): Promise<SitePaths> {
  const functions = new Set<string>();
  const redirects = new Set<string>();
  for (const { path, size } of bundle.files) {
    if (path === "_redirects") {
      const rules = parseRedirectsFile(await readFile(join(bundle.folder, path), "utf8"));
      for (const { from } of rules) redirects.add(filled(from.replace(/^https?:\/\/[^/]*/, "")));
    } else if (path.startsWith(wrappedNames.site) && path.endsWith(".js") && size < 10_000_000) {
      const code = await readFile(join(bundle.folder, path), "utf8");
      for (const [, route] of code.matchAll(/routePath:\s*"(\/[^"\s\\]{0,200})"/g))
        functions.add(filled(route ?? "/"));
    }
  }
  return { functions: [...functions].slice(0, most), redirects: [...redirects].slice(0, most) };
}

/** A path that the pattern matches. */
function filled(pattern: string): string {
  return pattern.replace(/:[A-Za-z]\w*\*?/g, example).replaceAll("*", example) || "/";
}
