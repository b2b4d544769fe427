/** `_routes.json` (developers.cloudflare.com/pages/functions/routing/#create-a-_routesjson-file). */
export interface Routes {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Without a `_routes.json` every request is the worker's. */
const everything: Routes = { include: ["/*"], exclude: [] };

/**
 * Reads `_routes.json` as an upload's text.
 *
 * @throws TypeError where it is not one, as Pages refuses the deployment
 */
export function parseRoutesFile(text: string | undefined): Routes {
  if (text === undefined) return everything;
  const json = JSON.parse(text) as { version?: unknown; include?: unknown; exclude?: unknown };
  const { version, include, exclude = [] } = json;
  if (version !== 1 || !isPatterns(include) || !isPatterns(exclude) || include.length === 0)
    throw new TypeError("_routes.json is not of version 1 with include and exclude");
  return { include, exclude };
}

function isPatterns(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && item.startsWith("/"));
}

/** True where the worker answers, false where the asset server does without it. Exclude beats include. */
export function isForWorker(routes: Routes, pathname: string): boolean {
  const matches = (pattern: string): boolean => patternExpression(pattern).test(pathname);
  return !routes.exclude.some(matches) && routes.include.some(matches);
}

/** `/foo/*` also matches `/foo`, `/foo` also `/foo/`; `*` matches across segments. */
function patternExpression(pattern: string): RegExp {
  const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  if (pattern === "/" || pattern === "/*") return new RegExp(`^${escaped(pattern)}$`);
  if (pattern.endsWith("/*")) return new RegExp(`^${escaped(pattern.slice(0, -2))}(/.*)?$`);
  if (pattern.endsWith("*")) return new RegExp(`^${escaped(pattern)}$`);
  return new RegExp(`^${escaped(pattern.replace(/\/$/, ""))}/?$`);
}
