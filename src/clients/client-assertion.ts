import { constants, createPrivateKey, type JsonWebKey, randomUUID, sign } from "node:crypto";

export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Seconds; Entra takes ten minutes at most. */
const lifetime = 300;

/**
 * Form fields by which an application proves itself with its certificate's key (RFC 7523 section 2.2; PS256 is RFC
 * 7518 section 3.5).
 * Source: learn.microsoft.com, "Microsoft identity platform application authentication certificate credentials".
 * @param jwk private RSA JWK with `x5t#S256`, as JSON
 * @param audience the tenant's token endpoint
 * @param now milliseconds since 1970
 */
export function signAssertion(
  jwk: string,
  clientId: string,
  audience: string,
  now: number,
): { readonly client_assertion_type: string; readonly client_assertion: string } {
  const { "x5t#S256": thumbprint, ...key } = JSON.parse(jwk) as JsonWebKey & { "x5t#S256": string };
  const iat = Math.floor(now / 1000);
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint };
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: randomUUID(),
    iat,
    nbf: iat,
    exp: iat + lifetime,
  };
  const content = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", Buffer.from(content), {
    key: createPrivateKey({ key, format: "jwk" }),
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
  return {
    client_assertion_type: assertionType,
    client_assertion: `${content}.${signature.toString("base64url")}`,
  };
}
