import { base64url, importJWK, type JWK } from "jose";
import type { PinnedKey } from "../../../contract/config/site.ts";
import { notAfterOf } from "../../../contract/keys/key-id.ts";
import { ticketAlgorithm } from "../../../contract/tickets/claims.ts";

const fewestModulusBits = 2048;
const cookieKeyBytes = 32;

/** Signs tickets; the public half is what sites are given. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: PinnedKey;
}

export interface CookieKey {
  readonly key: CryptoKey;
  /** Seconds since 1970 after which it neither closes nor opens anything. */
  readonly notAfter: number;
}

/** The keys that cookies of this host are encrypted with: one is used, older ones still open what they closed. */
export interface CookieKeys {
  readonly active: string;
  readonly byId: ReadonlyMap<string, CookieKey>;
}

/**
 * Reads a private ticket-signing key (RFC 7517, RFC 7518 section 6.3): JSON of an RSA JWK of 2048 bits or more.
 *
 * @throws TypeError saying what is wrong, never quoting the key
 */
export async function importSigningKey(kid: string, text: string): Promise<SigningKey> {
  const notAfter = notAfterOf(kid);
  if (notAfter === undefined) throw new TypeError("its id is not like 20261123_A1B2C3");
  const jwk = parseJwk(text);
  const { n, e, d, p, q, dp, dq, qi } = jwk;
  if (jwk.kty !== "RSA" || !n || !e || !d || !p || !q || !dp || !dq || !qi) {
    throw new TypeError("it is not the JSON of a private RSA JWK");
  }
  if (modulusBits(n) < fewestModulusBits) throw new TypeError("its modulus is shorter than 2048 bits");
  const privateKey = await importJWK({ kty: "RSA", n, e, d, p, q, dp, dq, qi }, ticketAlgorithm).catch(
    () => undefined,
  );
  if (!(privateKey instanceof CryptoKey)) throw new TypeError("its numbers do not make a key");
  return {
    kid,
    privateKey,
    publicKey: { kid, kty: "RSA", n, e, alg: ticketAlgorithm, use: "sig", not_after: notAfter },
  };
}

/**
 * Reads a cookie key: 32 random bytes in base64url.
 *
 * @throws TypeError saying what is wrong, never quoting the key
 */
export async function importCookieKey(kid: string, text: string): Promise<CookieKey> {
  const notAfter = notAfterOf(kid);
  if (notAfter === undefined) throw new TypeError("its id is not like 20261123_A1B2C3");
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) throw new TypeError("it is not 32 bytes in base64url");
  const bytes = base64url.decode(text);
  if (bytes.length !== cookieKeyBytes) throw new TypeError("it is not 32 bytes in base64url");
  const key = await crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return { key, notAfter };
}

function parseJwk(text: string): JWK {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as JWK;
  } catch {
    // The parser's message would quote the key.
  }
  throw new TypeError("it is not the JSON of a private RSA JWK");
}

function modulusBits(n: string): number {
  if (!/^[A-Za-z0-9_-]+$/.test(n)) return 0;
  const bytes = base64url.decode(n);
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0));
}
