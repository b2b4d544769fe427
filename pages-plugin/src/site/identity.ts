import { identityHeaders, reservedHeaderPrefixes } from "../../../contract/names/headers.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import { withoutGateCookies } from "../http/cookies.ts";
import type { Visit } from "./exchange.ts";

/** Made once for each session that the isolate remembers. */
const remembered = new WeakMap<Visitor, [string, string][]>();

/**
 * The reserved prefixes with anything but a letter or digit in place of `-`: all that may be left of it for a server that
 * turns names into variables (CVE-2025-64484: `X_Forwarded_User`).
 */
const reserved = new RegExp(`^(?:${reservedHeaderPrefixes.join("|").replaceAll("-", "[^a-z0-9]")})`, "i");

/**
 * The request as the code behind may see it: without the gate's cookies, without any copy of its headers, and with
 * the visitor's identity where there is one. Where nobody is signed in the headers are absent, never the client's own
 * (CVE-2026-30851).
 *
 * @param visit what has been read of the request already
 */
export function requestBehind(
  request: Request,
  visitor: Visitor | undefined,
  { url, cookie }: Pick<Visit, "url" | "cookie">,
): Request {
  const { href } = url;
  // workerd hands a worker the address as it was sent; what was decided about is the address as it is read.
  const behind = href === request.url ? new Request(request) : new Request(href, request);
  const { headers } = behind;
  // Names are in lower case here, and every reserved prefix starts with an x.
  for (const name of request.headers.keys())
    if (name.charCodeAt(0) === 120 && reserved.test(name)) headers.delete(name);
  if (cookie !== null) {
    const kept = withoutGateCookies(cookie);
    if (kept === undefined) headers.delete("cookie");
    else headers.set("cookie", kept);
  }
  if (visitor !== undefined) {
    let known = remembered.get(visitor);
    if (known === undefined) {
      known = Object.entries(headersOf(visitor));
      remembered.set(visitor, known);
    }
    for (const [name, value] of known) headers.set(name, value);
  }
  return behind;
}

/**
 * The identity headers of Azure's EasyAuth, and the gate's own two.
 *
 * Names and roles may hold any character, a header may not: whatever is no printable ASCII, and `%` and `,` with it,
 * is percent-encoded UTF-8. Groups are object ids, those that the site's policy names. The principal is base64 of
 * UTF-8 JSON and needs no such care.
 *
 * @see learn.microsoft.com, "Work with user identities in Azure App Service authentication" (access user claims)
 */
export function headersOf(visitor: Visitor): Record<string, string> {
  return {
    [identityHeaders.principal]: base64(JSON.stringify(principalOf(visitor))),
    [identityHeaders.principalId]: visitor.oid,
    [identityHeaders.principalName]: headerText(visitor.name),
    [identityHeaders.principalIdp]: "aad",
    [identityHeaders.roles]: visitor.roles.map(headerText).join(","),
    [identityHeaders.groups]: visitor.groups.map(headerText).join(","),
  };
}

function principalOf(visitor: Visitor) {
  const claims = [
    { typ: "http://schemas.microsoft.com/identity/claims/tenantid", val: visitor.tid },
    { typ: "http://schemas.microsoft.com/identity/claims/objectidentifier", val: visitor.oid },
    { typ: "name", val: visitor.name },
    ...visitor.groups.map((val) => ({ typ: "groups", val })),
    ...visitor.roles.map((val) => ({ typ: "roles", val })),
  ];
  return { auth_typ: "aad", name_typ: "name", role_typ: "roles", claims };
}

function headerText(text: string): string {
  // Object ids and most roles.
  if (/^[\w.-]*$/.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]+/g, encodeURIComponent)
    .trim();
}

/** Base64 of JSON text: escaped as JSON itself allows, every character is one byte for `btoa`. */
function base64(text: string): string {
  return btoa(text.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));
}
