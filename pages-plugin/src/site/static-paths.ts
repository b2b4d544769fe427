/**
 * The patterns that a build had excluded from its own worker (`_routes.json`): a `*` stands for any characters, all
 * else for itself, over the whole path as it was sent.
 *
 * @returns whether a path is the asset server's
 * @see developers.cloudflare.com/pages/functions/routing, "Create a _routes.json file"
 */
export function createStaticPaths(patterns: readonly string[]): (pathname: string) => boolean {
  if (patterns.length === 0) return () => false;
  const sources = patterns.map((pattern) => pattern.split("*").map(escaped).join(".*"));
  const matcher = new RegExp(`^(?:${sources.join("|")})$`, "s");
  return (pathname) => matcher.test(pathname);
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\/]/g, "\\$&");
}
