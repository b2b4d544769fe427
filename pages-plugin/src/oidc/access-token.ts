import { ticketType } from "../../../contract/tickets/claims.ts";
import { decodeBase64url } from "../http/base64url.ts";
import { GateFault } from "../http/fault.ts";
import { type ExpectedAccessToken, type MachineClaims, readMachine } from "./machine.ts";

/** Clocks of two services may differ by this many seconds. */
const leeway = 60;
/** 200 groups are 8 KB; servers take no longer header. */
const longestToken = 16 * 1024;

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true });
const algorithm = { name: "RSASSA-PKCS1-v1_5" };
const graph = /^(https:\/\/(graph\.microsoft\.|microsoftgraph\.)|00000003-0000-0000-c000-000000000000$)/;

type Json = Readonly<Record<string, unknown>>;

/**
 * Verifies an access token that Entra issued for the gate's application (RFC 7515, RFC 7519, RFC 8725).
 *
 * What a token says of itself is looked at first, so that each kind of wrong token has a code of its own and costs no
 * fetch of keys; nothing of it is believed before the signature held.
 *
 * @param find the tenant's public key of that id
 * @param now milliseconds since 1970
 * @throws GateFault bearer-…, and what `find` throws
 */
export async function verifyAccessToken(
  token: string,
  expected: ExpectedAccessToken,
  find: (kid: string) => Promise<CryptoKey>,
  now: number,
): Promise<MachineClaims> {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const header = token.length > longestToken ? undefined : jsonOf(head);
  if (header === undefined) throw new GateFault("bearer-malformed", "header");
  const kid = keyIdOf(header);
  const claims = jsonOf(body);
  if (claims === undefined || more.length > 0) throw new GateFault("bearer-malformed", "parts");
  checkClaims(claims, expected, now / 1000);
  const machine = readMachine(claims);
  const proof = bytesOf(signature);
  const key = await find(kid);
  const signed = encoder.encode(`${head}.${body}`);
  if (!(await crypto.subtle.verify(algorithm, key, proof, signed).catch(() => false)))
    throw new GateFault("bearer-signature");
  return machine;
}

/** One type of token is never taken for another, and there is one algorithm (CVE-2026-22817, CVE-2024-47616). */
function keyIdOf({ typ, alg, kid, crit }: Json): string {
  if (typ === ticketType) throw new GateFault("bearer-ticket");
  if (typeof typ === "string" && typ.startsWith("entra-gate-")) throw new GateFault("bearer-host-session");
  if (typeof alg === "string" && alg.toLowerCase() === "none") throw new GateFault("bearer-unsigned");
  if (alg !== "RS256") throw new GateFault("bearer-algorithm");
  if (typeof kid !== "string" || kid === "" || crit !== undefined)
    throw new GateFault("bearer-malformed", "kid or crit");
  return kid;
}

function checkClaims(claims: Json, expected: ExpectedAccessToken, now: number): void {
  const { tid, iss, ver, aud, exp, nbf, iat } = claims;
  if (tid !== expected.tenantId) throw new GateFault("bearer-tenant");
  if (iss !== (ver === "2.0" ? expected.issuer : ver === "1.0" ? expected.issuerV1 : undefined))
    throw new GateFault("bearer-issuer");
  if (!isFor(claims, expected.clientId))
    throw new GateFault(
      typeof aud === "string" && graph.test(aud) ? "bearer-graph-token" : "bearer-audience",
    );
  if (![exp, nbf, iat].every(Number.isFinite)) throw new GateFault("bearer-claims", "exp, nbf or iat");
  if (now >= (exp as number)) throw new GateFault("bearer-expired");
  if (Math.max(nbf as number, iat as number) > now + leeway) throw new GateFault("bearer-not-yet-valid");
}

/** A token's claims, unverified; undefined for what is no token. */
export function claimsIn(token: string): Json | undefined {
  return jsonOf(token.split(".")[1] ?? "");
}

/** Whether claims say that they are for the gate's application. */
export function isFor({ aud }: Json, clientId: string): boolean {
  return aud === clientId || aud === `api://${clientId}`;
}

function jsonOf(part: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(decodeBase64url(part)));
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(part: string): Uint8Array<ArrayBuffer> {
  try {
    if (part !== "") return decodeBase64url(part);
  } catch {
    // Told on below.
  }
  throw new GateFault("bearer-malformed", "signature");
}
