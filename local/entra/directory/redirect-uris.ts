/** Platforms of a work or school application share this many redirect URIs; it can't be raised. */
export const redirectUriLimit = 256;
const lengthLimit = 256;

/**
 * Why Entra would not take a URI as redirect URI; undefined where it would.
 *
 * One kindness that the real service does not have: `http://<name>.localhost` is taken, since the local world has no
 * TLS and its sign-in host is such an origin. The real one takes plain http for `http://localhost` only.
 * Source: learn.microsoft.com, "Redirect URI (reply URL) best practices and limitations".
 */
export function redirectUriProblem(uri: string): string | undefined {
  if (uri.length > lengthLimit) return `must not be longer than ${lengthLimit} characters`;
  if (uri.includes("*")) return "must not contain a wildcard";
  if (/[\s\\<>"{}|^`]/.test(uri)) return "is not a valid URI";
  const parsed = URL.parse(uri);
  if (parsed === null) return "is not a valid absolute URI";
  if (uri.includes("#")) return "must not contain a fragment";
  if (parsed.username !== "" || parsed.password !== "") return "must not contain user information";
  if (parsed.protocol === "https:") return undefined;
  const local = parsed.hostname === "localhost" || parsed.hostname.endsWith(".localhost");
  if (parsed.protocol === "http:" && local) return undefined;
  return 'must start with "HTTPS" or "http://localhost"';
}

/**
 * Character by character; but for `http://localhost` the port doesn't count (RFC 8252 section 8.3, same page as above).
 * A `<name>.localhost` gets no such allowance.
 */
export function redirectUriMatches(registered: string, requested: string): boolean {
  if (registered === requested) return true;
  const portless = (uri: string): string | undefined => {
    const match = /^http:\/\/localhost(?::\d{1,5})?(\/[^#]*)?$/.exec(uri);
    return match === null ? undefined : (match[1] ?? "/");
  };
  const path = portless(registered);
  return path !== undefined && path === portless(requested);
}
