import { importJWK, type JWK, SignJWT } from "jose";

/**
 * Form fields by which the application proves to the token endpoint who it is.
 *
 * @param now milliseconds since 1970
 */
export type ClientProof = (now: number) => Promise<Readonly<Record<string, string>>>;

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Seconds; Entra takes ten minutes at most, and an assertion is used at once. */
const lifetime = 300;

/** By a client secret (RFC 6749 section 2.3.1, `client_secret_post`). */
export function secretProof(secret: string): ClientProof {
  return async () => ({ client_secret: secret });
}

/** What an assertion says, and how it is signed. */
export interface AssertionShape {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly header: { readonly alg: "PS256" | "RS256" } & Readonly<Record<string, string>>;
  readonly key: CryptoKey;
}

/** By a JWT that is signed anew each time (RFC 7523 section 2.2). */
export function assertionProof({ issuer, subject, audience, header, key }: AssertionShape): ClientProof {
  return async (now) => {
    const seconds = Math.floor(now / 1000);
    const assertion = await new SignJWT()
      .setProtectedHeader({ ...header, typ: "JWT" })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + lifetime)
      .sign(key);
    return { client_assertion_type: assertionType, client_assertion: assertion };
  };
}

/**
 * By a certificate's key: `private_key_jwt`, PS256, named by the certificate's SHA-256 thumbprint.
 *
 * Source: learn.microsoft.com, "Microsoft identity platform application authentication certificate credentials".
 *
 * @param text JSON of a private RSA JWK with `x5t#S256` (RFC 7517 section 4.9)
 * @param endpoint the tenant's token endpoint, which the assertion is for
 * @throws TypeError saying what is wrong, never quoting the key
 */
export async function certificateProof(
  text: string,
  clientId: string,
  endpoint: string,
): Promise<ClientProof> {
  const jwk = parseJwk(text);
  const { n, e, d, p, q, dp, dq, qi } = jwk;
  const thumbprint = jwk["x5t#S256"];
  if (jwk.kty !== "RSA" || !n || !e || !d || !p || !q || !dp || !dq || !qi)
    throw new TypeError("is not the JSON of a private RSA JWK");
  if (!/^[\w-]{43}$/.test(thumbprint ?? ""))
    throw new TypeError("lacks x5t#S256, its certificate's thumbprint");
  const key = await importJWK({ kty: "RSA", n, e, d, p, q, dp, dq, qi }, "PS256").catch(() => undefined);
  if (!(key instanceof CryptoKey)) throw new TypeError("holds numbers that do not make a key");
  const header = { alg: "PS256", "x5t#S256": thumbprint as string } as const;
  return assertionProof({ issuer: clientId, subject: clientId, audience: endpoint, header, key });
}

function parseJwk(text: string): JWK {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as JWK;
  } catch {
    // The parser's message would quote the key.
  }
  throw new TypeError("is not the JSON of a private RSA JWK");
}
