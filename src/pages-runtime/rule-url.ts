/** Longer lines of `_headers` and `_redirects` are left out. */
export const maximumLineLength = 2_000;

const absolute = /^https:\/\/+(?<host>[^/]+)\/?(?<path>.*)/;

/** True for `https://host/…`; every other scheme is read as a path, and then refused. */
export function hasHost(token: string): boolean {
  return absolute.test(token);
}

/**
 * A path or URL of `_headers` or `_redirects` in the form that the asset server compares.
 *
 * @returns undefined where the line that has it is left out
 */
export function ruleUrl(
  token: string,
  parts: { readonly host: "path" | "any" | "no-port"; readonly tail: boolean },
) {
  const url = absolute.exec(token)?.groups;
  if (url?.["host"] === undefined) {
    const path = parts.host === "path" && !token.startsWith("/") ? `/${token}` : token;
    return path.startsWith("/") ? pathOf(path, parts.tail) : undefined;
  }
  if (parts.host === "path" || (parts.host === "no-port" && /:\d+$/.test(url["host"]))) return undefined;
  const path = pathOf(`/${url["path"] ?? ""}`.replace(/^\/\//, "/"), parts.tail);
  return path === undefined ? undefined : `https://${url["host"]}${path}`;
}

function pathOf(path: string, tail: boolean): string | undefined {
  try {
    const url = new URL(`//${path}`, "relative://");
    return tail ? `${url.pathname}${url.search}${url.hash}` : url.pathname;
  } catch {
    return undefined;
  }
}
