import * as base64url from "jose/base64url";
import { jwtVerify } from "jose/jwt/verify";
import type { Environment } from "../../../contract/policy/model.ts";
import { type TicketClaims, ticketAlgorithm, ticketType } from "../../../contract/tickets/claims.ts";
import type { WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
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
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url.encode(new Uint8Array(digest));
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
  let used: { kid: string; key: CryptoKey } | undefined;
  let payload: unknown;
  try {
    const verified = await jwtVerify(
      ticket,
      async ({ kid }) => {
        if (typeof kid !== "string" || kid === "") throw new GateFault("ticket-malformed", "kid");
        const key = await keys.find(kid, waitUntil);
        if (key === undefined) throw new GateFault("ticket-key-unknown", kid.slice(0, 64));
        used = { kid, key };
        return key;
      },
      {
        algorithms: [ticketAlgorithm],
        typ: ticketType,
        issuer: expected.issuer,
        audience: expected.origin,
        currentDate: new Date(expected.now),
      },
    );
    payload = verified.payload;
  } catch (error) {
    throw faultOf(error);
  }
  if (used === undefined || !isTicket(payload)) throw new GateFault("ticket-malformed", "claims");
  if (payload.environment !== expected.environment)
    throw new GateFault("ticket-environment", payload.environment);
  if (payload.cnf.challenge !== (await challengeOf(verifier))) throw new GateFault("ticket-challenge");
  return { claims: payload, ...used };
}

/** jose's errors carry a stable code, and for claims which one failed. */
function faultOf(error: unknown): unknown {
  if (error instanceof GateFault) return error;
  const { code, claim } = (error ?? {}) as { code?: unknown; claim?: unknown };
  if (code === "ERR_JWT_EXPIRED") return new GateFault("ticket-late", "exp");
  if (code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") return new GateFault("ticket-signature");
  if (claim === "iss") return new GateFault("ticket-issuer");
  if (claim === "aud") return new GateFault("ticket-audience");
  return new GateFault(
    "ticket-malformed",
    [code, claim].filter((part) => typeof part === "string").join(" "),
  );
}

const kinds: ReadonlySet<unknown> = new Set(["user", "guest", "app", "unknown"]);

function isTicket(value: unknown): value is TicketClaims {
  const claims = value as Record<keyof TicketClaims, unknown>;
  const cnf = claims.cnf as Record<string, unknown> | null | undefined;
  return (
    [claims.aud, claims.environment, claims.tid, claims.oid, claims.name].every(
      (text) => typeof text === "string",
    ) &&
    [claims.exp, claims.accept_by, claims.auth_time].every((time) => Number.isFinite(time)) &&
    isTexts(claims.groups) &&
    isTexts(claims.roles) &&
    kinds.has(claims.kind) &&
    (claims.app === undefined || typeof claims.app === "string") &&
    (claims.acrs === undefined || isTexts(claims.acrs)) &&
    typeof cnf?.["challenge"] === "string"
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
