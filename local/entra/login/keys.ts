import { createHash } from "node:crypto";
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** The tenant's signing keys; the newest signs, all are published until dropped. */
export class SigningKeys {
  readonly #issuer: string;
  #keys: SigningKey[] = [];
  #published: ReturnType<typeof createLocalJWKSet> | undefined;

  private constructor(issuer: string) {
    this.#issuer = issuer;
  }

  static async create(issuer: string): Promise<SigningKeys> {
    const keys = new SigningKeys(issuer);
    await keys.rotate();
    return keys;
  }

  /** Signs with a new key from now on. Entra may do so at any time, without notice (facts: keys live ≥ 24 h). */
  async rotate(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    const { n, e } = await exportJWK(publicKey);
    if (n === undefined || e === undefined) throw new Error("not an RSA key");
    const kid = createHash("sha256").update(n).digest("base64url").slice(0, 27);
    const publicJwk = { kty: "RSA", use: "sig", kid, x5t: kid, n, e, issuer: this.#issuer };
    this.#keys = [{ kid, privateKey, publicJwk }, ...this.#keys];
    this.#published = undefined;
  }

  /** Stops publishing all keys but the newest. */
  dropOld(): void {
    this.#keys = this.#keys.slice(0, 1);
    this.#published = undefined;
  }

  /** The published keys, to verify with; imported once and not for each token. */
  get published(): ReturnType<typeof createLocalJWKSet> {
    this.#published ??= createLocalJWKSet(this.jwks);
    return this.#published;
  }

  get jwks(): { keys: JWK[] } {
    return { keys: this.#keys.map(({ publicJwk }) => publicJwk) };
  }

  async sign(claims: JWTPayload): Promise<string> {
    const [key] = this.#keys;
    if (key === undefined) throw new Error("no signing key");
    return signWith(key.privateKey, key.kid, claims);
  }

  /** Signs with a key that nobody published, under the name of one that is: what a verifier must refuse. */
  async signForeign(claims: JWTPayload): Promise<string> {
    const { privateKey } = await generateKeyPair("RS256");
    return signWith(privateKey, this.#keys[0]?.kid ?? "", claims);
  }

  /** The private key in the form that oidc-provider wants for its own bookkeeping. */
  async providerKeys(): Promise<{ keys: JWK[] }> {
    const [key] = this.#keys;
    if (key === undefined) throw new Error("no signing key");
    return { keys: [{ ...(await exportJWK(key.privateKey)), kid: key.kid, alg: "RS256", use: "sig" }] };
  }
}

function signWith(key: CryptoKey, kid: string, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ typ: "JWT", alg: "RS256", kid }).sign(key);
}
