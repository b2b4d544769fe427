/**
 * Patterns of a build's `_routes.json`, over the whole path as it was sent. `*` stands for any characters; `/a/*` is
 * `/a` as well, and `/a` is `/a/`.
 *
 * @returns whether a path is one of them
 * @see developers.cloudflare.com/pages/functions/routing, "Create a _routes.json file"; wrangler's pages-dev-util.ts
 */
export function createPathMatcher(patterns: readonly string[]): (pathname: string) => boolean {
  if (patterns.length === 0) return () => false;
  const matcher = new RegExp(`^(?:${patterns.map(expression).join("|")})$`, "s");
  return (pathname) => matcher.test(pathname);
}

function expression(pattern: string): string {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return source.endsWith("*")
    ? source.replace(/(?<=.)\/\.\*$/, "(?:/.*)?")
    : source.replace(/(?<=.)\/?$/, "/?");
}
