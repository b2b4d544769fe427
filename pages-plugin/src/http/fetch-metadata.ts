/** Methods that ask for nothing to be changed (RFC 9110 section 9.2.1), as far as Pages knows them. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether the browser said anything about where this request comes from (W3C Fetch Metadata Request Headers). */
export function hasFetchMetadata(request: Request): boolean {
  return request.headers.has("sec-fetch-site") || request.headers.has("sec-fetch-mode");
}

/**
 * A GET or HEAD by which a browser shows a new document in a tab of its own: not a frame, not a form POST, not
 * anything a script reads. Only a browser that sends Fetch Metadata can say so.
 *
 * What this origin's own service worker passes on (`fetch(event.request)`) is a navigation to nowhere: its destination
 * is empty, be it a tab's or a frame's. No script can make a request of mode `navigate` (Fetch, "new Request").
 */
export function isTopLevelGet({ method, headers }: Request): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    headers.get("sec-fetch-mode") === "navigate" &&
    /^(document|empty)$/.test(headers.get("sec-fetch-dest") ?? "")
  );
}

/** The same where no service worker can be, at the sign-in host: a download (`<a download>`) is no tab of its own. */
export function isTabOfItsOwn(request: Request): boolean {
  return isTopLevelGet(request) && request.headers.get("sec-fetch-dest") === "document";
}

/**
 * Whether the answer will be shown to a person as a page. Where Fetch Metadata is missing (old browsers, http hosts),
 * a GET or HEAD that prefers HTML is taken for one: this decides the answer's form only, never who gets in.
 */
export function isDocumentNavigation(request: Request): boolean {
  if (hasFetchMetadata(request)) return isTopLevelGet(request);
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (request.headers.has("x-requested-with") || request.headers.has("origin")) return false;
  return /(^|,)\s*text\/html\s*(;|,|$)/i.test(request.headers.get("accept") ?? "");
}

/**
 * Whether a session that came along with a request may be used for it. Sibling previews are the same *site*, so
 * SameSite cookies are sent with whatever they start; only what the origin itself or the visitor started counts.
 *
 * @param ownOrigin this deployment's origin, as in `request.url`
 */
export function sessionCounts(request: Request, ownOrigin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none" || isTopLevelGet(request);
  const origin = request.headers.get("origin");
  if (origin !== null) return origin === ownOrigin;
  return safeMethods.has(request.method);
}
