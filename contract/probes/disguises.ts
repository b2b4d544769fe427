import { cookies } from "../names/cookies.ts";
import { identityHeaders } from "../names/headers.ts";

/** Request headers by which somebody without a session tries to pass for somebody with one, or for nobody at all. */
export interface Disguise {
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A ticket without a signature that claims everything (RFC 8725 section 3.1, `none`). */
const forged = `${base64url({ alg: "none", typ: "entra-gate-ticket+jwt" })}.${base64url({ oid: "00000000-0000-0000-0000-000000000001", roles: ["Site.Admin"], exp: 4_102_444_800 })}.`;

const principal = Buffer.from(
  JSON.stringify({ auth_typ: "aad", claims: [{ typ: "roles", val: "Site.Admin" }] }),
).toString("base64");

/** Kind of the one disguise whose answer may be a card page. */
export const linkPreview = "link-preview";

/** @param openPath a path that the policy lets anyone see, or a likely one */
export function disguises(openPath: string): Disguise[] {
  return [
    { kind: "forged-cookie", headers: { cookie: `${cookies.siteSession}=${forged}` } },
    {
      kind: "garbage-cookie",
      headers: { cookie: `${cookies.siteSession}=%00; ${cookies.siteSession}=a.b.c.d.e` },
    },
    {
      kind: "identity-headers",
      headers: {
        [identityHeaders.principal]: principal,
        [identityHeaders.principalId]: "00000000-0000-0000-0000-000000000001",
        [identityHeaders.principalName]: "Admin",
        [identityHeaders.principalIdp]: "aad",
        [identityHeaders.roles]: "Site.Admin",
        x_ms_client_principal: principal,
      },
    },
    // CVE-2026-40575: a rule decided by a path that the client may name.
    {
      kind: "forwarded-uri",
      headers: {
        "x-forwarded-uri": openPath,
        "x-original-url": openPath,
        "x-original-uri": openPath,
        "x-rewrite-url": openPath,
      },
    },
    {
      kind: "forwarded-host",
      headers: {
        "x-forwarded-host": "localhost",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
        forwarded: "for=127.0.0.1;host=localhost",
      },
    },
    // CVE-2026-34457: health checks let through by their User-Agent.
    { kind: "health-check", headers: { "user-agent": "GoogleHC/1.0" } },
    { kind: "load-balancer", headers: { "user-agent": "ELB-HealthChecker/2.0" } },
    {
      kind: "crawler",
      headers: { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    },
    // GHSA-f82v-jwr5-mffw: a framework's internal header that skips its middleware.
    {
      kind: "framework-header",
      headers: { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" },
    },
    {
      kind: "method-override",
      headers: { "x-http-method-override": "OPTIONS", "x-method-override": "OPTIONS" },
    },
    // GHSA-xmf8-cvqr-rfgj: a malformed Bearer that makes the gate fail.
    { kind: "malformed-bearer", headers: { authorization: "Bearer .." } },
    { kind: "forged-bearer", headers: { authorization: `Bearer ${forged}` } },
    {
      kind: "navigation",
      headers: {
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "none",
        accept: "text/html",
      },
    },
    {
      kind: "same-origin-fetch",
      headers: { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" },
    },
    // What chat programs send to show a link; with `card` in the policy the sign-in page comes with status 200.
    {
      kind: linkPreview,
      headers: { "user-agent": "Mozilla/5.0 (compatible; LinkPreview/1.0)", accept: "text/html" },
    },
    { kind: "range", headers: { range: "bytes=0-4095" } },
    {
      kind: "cached-copy",
      headers: { "if-none-match": "*", "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" },
    },
  ];
}

/** A cross-origin script's preflight (Fetch, "CORS-preflight fetch"). */
export const preflight = {
  origin: "https://elsewhere.example",
  "access-control-request-method": "GET",
} as const;
