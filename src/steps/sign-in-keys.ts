import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";

/** A key that the sign-in host is given as a secret; its id stands in a plain variable. */
export interface HostKey {
  /** UTC date and six hex digits: `20261123_A1B2C3`. */
  readonly kid: string;
  /** What the secret holds. */
  readonly secret: string;
}

const makeKeyPair = promisify(generateKeyPair);

/**
 * A new ticket-signing key: RSA 2048 as the JSON of a private JWK (RFC 7517, RFC 7518 section 6.3).
 * @param now milliseconds since 1970
 * @param mask called with everything private in it before this resolves
 */
export async function makeSigningKey(now: number, mask: (secret: string) => void): Promise<HostKey> {
  const { privateKey } = await makeKeyPair("rsa", { modulusLength: 2048 });
  const kid = makeKeyId(now);
  const jwk = privateKey.export({ format: "jwk" });
  const secret = JSON.stringify({ ...jwk, kid, alg: "RS256", use: "sig" });
  for (const part of [secret, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi]) if (part) mask(part);
  return { kid, secret };
}

/** A new cookie key: 32 random bytes in base64url. */
export function makeCookieKey(now: number, mask: (secret: string) => void): HostKey {
  const secret = randomBytes(32).toString("base64url");
  mask(secret);
  return { kid: makeKeyId(now), secret };
}

function makeKeyId(now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll("-", "");
  return `${day}_${randomBytes(3).toString("hex").toUpperCase()}`;
}
