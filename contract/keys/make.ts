import { ticketAlgorithm } from "../tickets/claims.ts";
import { newKeyId } from "./key-id.ts";

/** A key that the sign-in host is given as a secret; its id stands in a plain variable. */
export interface NewKey {
  /** UTC date and six hex digits: `20261123_A1B2C3`. */
  readonly kid: string;
  /** What the secret holds. */
  readonly secret: string;
  /** Everything in it that must not be seen, the whole among it. */
  readonly privateParts: readonly string[];
}

/**
 * Makes a ticket-signing key: RSA 2048 as the JSON of a private JWK (RFC 7517, RFC 7518 section 6.3).
 *
 * @param now milliseconds since 1970
 */
export async function makeSigningKey(now: number): Promise<NewKey> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { kty, n, e, d, p, q, dp, dq, qi } = await crypto.subtle.exportKey("jwk", privateKey);
  const kid = newKeyId(now);
  const secret = JSON.stringify({ kty, n, e, d, p, q, dp, dq, qi, kid, alg: ticketAlgorithm, use: "sig" });
  return { kid, secret, privateParts: [secret, d, p, q, dp, dq, qi].filter((part) => part !== undefined) };
}

/**
 * Makes a cookie key: 32 random bytes in base64url.
 *
 * @param now milliseconds since 1970
 */
export function makeCookieKey(now: number): NewKey {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const secret = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  return { kid: newKeyId(now), secret, privateParts: [secret] };
}
