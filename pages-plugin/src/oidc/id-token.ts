import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import type { HostErrorCode } from "../../../contract/errors/host.ts";
import { GateFault } from "../http/fault.ts";
import type { TenantKeys } from "./jwks.ts";
import { constantTimeEqual } from "./random.ts";

/** Clocks of two services may differ by this many seconds. */
const leeway = 60;
/** 250 groups are 10 KB; nothing that Entra issues comes near this. */
const longestToken = 64 * 1024;

export interface ExpectedIdToken {
  /** Exactly `iss`. */
  readonly issuer: string;
  /** The application's client id: exactly `aud`. */
  readonly audience: string;
  /** GUID, lower case: exactly `tid`. */
  readonly tenantId: string;
  /** Of this transaction. */
  readonly nonce: string;
}

/** Claims of an ID token that was checked; what they say is read by `identityOf`. */
export type IdTokenClaims = Readonly<JWTPayload> & { readonly iat: number; readonly exp: number };

/**
 * Validates an ID token (OpenID Connect Core section 3.1.3.7): signature first, then issuer, audience, tenant, nonce,
 * times. One algorithm, RS256; the key by `kid` from the tenant's own set.
 *
 * @param now milliseconds since 1970
 * @throws GateFault `id-token-…` or `entra-keys-unavailable`
 */
export async function validateIdToken(
  token: string,
  keys: TenantKeys,
  expected: ExpectedIdToken,
  now: number,
): Promise<IdTokenClaims> {
  const claims = await verifySignature(token, keys, expected.issuer, now);
  if (claims.aud !== expected.audience) throw new GateFault("id-token-audience");
  if (claims["tid"] !== expected.tenantId) throw new GateFault("id-token-tenant");
  const nonce = claims["nonce"];
  if (typeof nonce !== "string" || !constantTimeEqual(nonce, expected.nonce)) {
    throw new GateFault("id-token-nonce");
  }
  if (claims.exp === undefined || claims.iat === undefined)
    throw new GateFault("id-token-time", "iat or exp");
  if (claims.iat > now / 1000 + leeway) throw new GateFault("id-token-time", "iat in the future");
  return claims as IdTokenClaims;
}

async function verifySignature(
  token: string,
  keys: TenantKeys,
  issuer: string,
  now: number,
): Promise<JWTPayload> {
  const kid = keyIdOf(token);
  const key = await keys.find(kid);
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["RS256"],
      issuer,
      currentDate: new Date(now),
      clockTolerance: leeway,
    });
    return payload;
  } catch (cause) {
    throw new GateFault(codeOf(cause), claimOf(cause), { cause });
  }
}

function keyIdOf(token: string): string {
  if (token.length > longestToken) throw new GateFault("id-token-invalid", "too long");
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg === "RS256" && typeof kid === "string" && kid !== "") return kid;
  } catch {
    throw new GateFault("id-token-invalid", "header");
  }
  throw new GateFault("id-token-invalid", "alg or kid");
}

function codeOf(cause: unknown): HostErrorCode {
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "id-token-signature";
  if (cause instanceof errors.JWTExpired) return "id-token-time";
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return cause.claim === "iss" ? "id-token-issuer" : "id-token-time";
  }
  return "id-token-invalid";
}

function claimOf(cause: unknown): string {
  if (cause instanceof errors.JWTExpired || cause instanceof errors.JWTClaimValidationFailed)
    return cause.claim;
  return cause instanceof errors.JOSEError ? cause.code : "";
}
