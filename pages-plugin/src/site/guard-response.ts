import { isGateCookie } from "../http/cookies.ts";
import { isTopLevelGet } from "../http/fetch-metadata.ts";

export interface Guarding {
  /** A rule was needed to let the visitor see this: not `anyone`, not an open environment. */
  readonly gated: boolean;
  /** The code behind was told who asks, so the answer may be about him. */
  readonly personal: boolean;
}

/** Response headers that tell caches of a CDN something else than Cache-Control does (RFC 9213). */
const sharedCacheHeaders = ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"];

/**
 * The site's answer as it may leave: without cookies of the gate's names, kept by no shared cache where it was gated or
 * personal, and embeddable by no other origin where it was gated.
 *
 * Documents are `no-store`: the Back button shows a document from the browser's caches without asking anybody, also
 * after sign-out; anything else is only ever fetched by a document. The price is that Back asks the server.
 */
export function guardResponse(request: Request, response: Response, how: Guarding): Response {
  const foreign = response.headers.has("set-cookie") && response.headers.getSetCookie().some(setsGateCookie);
  if (!foreign && !how.gated && !how.personal) return response;
  const guarded = new Response(response.body, response);
  const { headers } = guarded;
  if (foreign) {
    const kept = response.headers.getSetCookie().filter((line) => !setsGateCookie(line));
    headers.delete("set-cookie");
    for (const line of kept) headers.append("set-cookie", line);
  }
  if (how.gated || how.personal) keepFromCaches(request, headers);
  if (how.gated) keepFromOthers(headers);
  return guarded;
}

function setsGateCookie(line: string): boolean {
  const pair = line.split(";", 1)[0] ?? "";
  return isGateCookie(pair.replace(/^[\s=]+/, "").replace(/=.*/s, ""));
}

function keepFromCaches(request: Request, headers: Headers): void {
  const isDocument =
    /^\s*(text\/html|application\/xhtml)/i.test(headers.get("content-type") ?? "") || isTopLevelGet(request);
  headers.set("cache-control", isDocument ? "private, no-store" : privately(headers.get("cache-control")));
  for (const name of sharedCacheHeaders) headers.delete(name);
  keepFromEarlyHints(headers);
  const vary = headers.get("vary");
  if (vary === null || !/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) headers.append("vary", "Cookie");
}

/**
 * The edge keeps `Link` headers that tell a browser what to load, whatever Cache-Control says, and sends them ahead of
 * the next answer, to whoever asks: the names of a closed page's files. Links of other relations stay.
 *
 * Source: developers.cloudflare.com/cache/advanced-configuration/early-hints
 */
function keepFromEarlyHints(headers: Headers): void {
  const links = headers.get("link");
  if (links === null || !/pre(connect|load|fetch)/i.test(links)) return;
  const kept = (links.match(/(?:<[^>]*>|"[^"]*"|[^,<"])+/g) ?? [])
    .map((link) => link.trim())
    .filter((link) => link !== "" && !/;\s*rel\s*=[^;]*pre(connect|load|fetch)/i.test(link));
  if (kept.length === 0) headers.delete("link");
  else headers.set("link", kept.join(", "));
}

/** `private` instead of `public` (RFC 9111 section 5.2.2); what names single fields is replaced as a whole. */
function privately(value: string | null): string {
  if (value === null || value.includes('"')) return "private, no-cache";
  const kept = value
    .split(",")
    .map((directive) => directive.trim())
    .filter(
      (directive) => directive !== "" && !/^(public|private|s-maxage\b.*|proxy-revalidate)$/i.test(directive),
    );
  return ["private", ...kept].join(", ");
}

function keepFromOthers(headers: Headers): void {
  headers.set("cross-origin-resource-policy", "same-origin");
  if (headers.get("access-control-allow-origin")?.trim() === "*")
    headers.delete("access-control-allow-origin");
  const policy = headers.get("content-security-policy") ?? "";
  if (!/(^|[;,])\s*frame-ancestors(\s|;|,|$)/i.test(policy) && !headers.has("x-frame-options")) {
    // A second policy is added to the site's own, both hold (CSP Level 3, section 8.1).
    headers.append("content-security-policy", "frame-ancestors 'self'");
  }
}
