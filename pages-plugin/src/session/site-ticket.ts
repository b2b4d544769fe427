import type { Environment } from "../../../contract/policy/model.ts";
import type { TicketClaims } from "../../../contract/tickets/claims.ts";
import { encodeBase64url, utf8 } from "../http/base64url.ts";
import type { WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { verifyTicketJws } from "./ticket-jws.ts";
import type { TicketKeys } from "./ticket-keys.ts";

/** What a ticket must have been made for. */
export interface TicketAudience {
  /** The sign-in host's origin. */
  readonly issuer: string;
  /** This deployment's origin, as the browser asked for it. */
  readonly origin: string;
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface VerifiedTicket {
  readonly claims: TicketClaims;
  readonly kid: string;
  readonly key: CryptoKey;
}

/** base64url(SHA-256(text)), the only way from a verifier to its challenge (RFC 7636 section 4.2). */
export async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", utf8(verifier));
  return encodeBase64url(new Uint8Array(digest));
}

/**
 * Verifies a ticket of the sign-in host (RFC 7519, RFC 8725): one algorithm, one type, one issuer, this origin, this
 * environment, and the browser that holds the verifier.
 *
 * @throws GateFault ticket-malformed, -signature, -key-unknown, -issuer, -audience, -environment, -challenge or -late;
 *   keys-unavailable where nothing can be verified
 */
export async function verifyTicket(
  ticket: string,
  verifier: string,
  expected: TicketAudience,
  keys: TicketKeys,
  waitUntil: WaitUntil,
): Promise<VerifiedTicket> {
  const verified = await verifyTicketJws(ticket, (kid) => keys.find(kid, waitUntil));
  const claims = verified.payload;
  if (claims["iss"] !== expected.issuer) throw new GateFault("ticket-issuer");
  if (claims["aud"] !== expected.origin) throw new GateFault("ticket-audience");
  if (!isTicket(claims)) throw new GateFault("ticket-malformed", "claims");
  if (!(expected.now < claims.exp * 1000)) throw new GateFault("ticket-late", "exp");
  if (claims.environment !== expected.environment)
    throw new GateFault("ticket-environment", claims.environment);
  if (claims.cnf.challenge !== (await challengeOf(verifier))) throw new GateFault("ticket-challenge");
  return { claims, kid: verified.kid, key: verified.key };
}

const kinds: ReadonlySet<unknown> = new Set(["user", "guest", "app", "unknown"]);

function isTicket(value: object): value is TicketClaims {
  const claims = value as Record<keyof TicketClaims | "nbf", unknown>;
  const cnf = claims.cnf as Record<string, unknown> | null | undefined;
  return (
    [claims.environment, claims.tid, claims.oid, claims.name, claims.jti].every(
      (text) => typeof text === "string",
    ) &&
    [claims.exp, claims.iat, claims.accept_by, claims.auth_time].every((time) => Number.isFinite(time)) &&
    isTexts(claims.groups) &&
    isTexts(claims.roles) &&
    // The host sets no nbf; a token that has one is no ticket (RFC 7519 section 4.1.5 would have it looked at).
    claims.nbf === undefined &&
    kinds.has(claims.kind) &&
    (claims.app === undefined || typeof claims.app === "string") &&
    (claims.scopes === undefined || isTexts(claims.scopes)) &&
    (claims.acrs === undefined || isTexts(claims.acrs)) &&
    typeof cnf?.["challenge"] === "string"
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
