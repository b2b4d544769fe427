/** Longest return target in characters; it lives in a cookie (design: "return_to ≤ 1 KB"). */
export const longestReturnTarget = 1024;

/** One lenient decoding: every `%XX` becomes one character, nothing is malformed. */
function decodedOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Whether a reference, resolved as a browser would, is a page of this origin outside the gate's own paths. */
function staysHere(reference: string, ownOrigin: string): boolean {
  if (!reference.startsWith("/")) return false;
  const url = URL.parse(reference, ownOrigin);
  if (url === null || url.origin !== ownOrigin) return false;
  const path = url.pathname.toLowerCase();
  return !path.startsWith("//") && path !== "/.auth" && !path.startsWith("/.auth/");
}

/**
 * Makes of an untrusted return target a path that is safe in a Location header (RFC 9110 section 10.2.2).
 *
 * It is judged as it is, decoded once and decoded twice, because something between here and the browser may decode
 * it; and it is never one of the gate's own endpoints, which would send the visitor in circles.
 *
 * @param value what the request asked for; null where it asked for nothing
 * @param ownOrigin this deployment's origin
 * @returns an absolute path with its query, at most 1,024 characters; `/` for whatever can't be trusted
 */
export function safeReturnTarget(value: string | null | undefined, ownOrigin: string): string {
  if (!value || value.length > longestReturnTarget) return "/";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers drop some of these silently
  if (/[\x00-\x20\x7f\\]/.test(value)) return "/";
  const once = decodedOnce(value);
  if (![value, once, decodedOnce(once)].every((reading) => staysHere(reading, ownOrigin))) return "/";
  const url = new URL(value, ownOrigin);
  const target = url.pathname + url.search;
  return target.length <= longestReturnTarget ? target : "/";
}
