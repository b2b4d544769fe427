import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export const tenantId = "11111111-2222-4333-8444-555555555555";
export const clientId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
export const graphUrl = "http://graph.localhost:4444";
export const accessToken = "at.of-this_sign-in";
export const clientSecret = "s3cret~value.of-the-client";

/** Who signs in next, as claims of the ID token. */
export const reviewer = {
  oid: "0d000000-0000-4000-8000-000000000001",
  name: "Rita Reviewer",
  acct: 0,
  groups: ["9a000000-0000-4000-8000-000000000001"],
};

export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly headers: Headers;
  readonly init: RequestInit;
}

/**
 * An OpenID provider in Entra's shape, in this process: real keys, real codes bound to challenge, redirect URI and
 * secret. Tests make it hostile by replacing one part.
 */
export interface Provider {
  readonly authority: string;
  readonly issuer: string;
  readonly fetch: typeof fetch;
  readonly requests: TokenRequest[];
  readonly keyFetches: { count: number };
  readonly discoveryFetches: { count: number };
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: Record<string, unknown>;
  /** Claims beside those that every token has. */
  visitor: Record<string, unknown>;
  /** Changes the claims just before they are signed; `undefined` removes one. */
  tamper: (claims: JWTPayload) => JWTPayload;
  /** Makes the token; the default signs the claims properly. */
  sign: (claims: JWTPayload) => Promise<string>;
  answerToken: ((request: TokenRequest) => Promise<Response> | Response) | undefined;
  answerKeys: (() => Promise<Response> | Response) | undefined;
  /** What tells the host that Entra is there. */
  answerDiscovery: (() => Promise<Response> | Response) | undefined;
  /** Graph's list of the visitor's groups; without it Graph refuses. */
  answerGraph: ((request: Request) => Promise<Response> | Response) | undefined;
  readonly graphRequests: Request[];
  /** What a browser gets back after somebody signed in at this authorization request. */
  authorize(location: string): URL;
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });

/** One key for all tests of a file: making one takes longer than a test. */
const keyPair = generateKeyPair("RS256", { extractable: true });

export async function createProvider(
  now: () => number,
  authority = "http://login.localhost:4444",
): Promise<Provider> {
  const { publicKey, privateKey } = await keyPair;
  const kid = "provider-key-1";
  const issuer = `${authority}/${tenantId}/v2.0`;
  const publicJwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256", issuer };
  const codes = new Map<string, { challenge: string; redirectUri: string; nonce: string }>();

  async function redeem(request: TokenRequest): Promise<Response> {
    const { form, headers } = request;
    const refusal = (error: string, number: number) =>
      json(
        { error, error_codes: [number], error_description: `AADSTS${number}: <b>shown to nobody</b>` },
        400,
      );
    if (headers.has("origin")) return refusal("invalid_request", 9002326);
    if (form.get("client_secret") !== clientSecret) return refusal("invalid_client", 7000215);
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!code || code.challenge !== challenge || code.redirectUri !== form.get("redirect_uri")) {
      return refusal("invalid_grant", 70000);
    }
    const seconds = Math.floor(now() / 1000);
    const claims = provider.tamper({
      iss: issuer,
      aud: clientId,
      tid: tenantId,
      nonce: code.nonce,
      iat: seconds - 300,
      nbf: seconds - 300,
      exp: seconds + 3600,
      ...provider.visitor,
    });
    return json({
      token_type: "Bearer",
      expires_in: 3600,
      access_token: accessToken,
      id_token: await provider.sign(claims),
    });
  }

  const provider: Provider = {
    authority,
    issuer,
    requests: [],
    keyFetches: { count: 0 },
    discoveryFetches: { count: 0 },
    kid,
    privateKey,
    publicJwk,
    visitor: reviewer,
    tamper: (claims) => claims,
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(privateKey),
    answerToken: undefined,
    answerKeys: undefined,
    answerDiscovery: undefined,
    answerGraph: undefined,
    graphRequests: [],
    fetch: async (input, init = {}) => {
      const url = String(input instanceof Request ? input.url : input);
      if (url === `${authority}/${tenantId}/discovery/v2.0/keys`) {
        provider.keyFetches.count++;
        return (provider.answerKeys ?? (() => json({ keys: [publicJwk] })))();
      }
      if (url.startsWith(`${authority}/`) && url.endsWith("/v2.0/.well-known/openid-configuration")) {
        provider.discoveryFetches.count++;
        return (provider.answerDiscovery ?? (() => json({ issuer })))();
      }
      if (url === `${graphUrl}/v1.0/me/getMemberObjects`) {
        const request = new Request(url, init);
        provider.graphRequests.push(request);
        return (provider.answerGraph ?? (() => json({ error: {} }, 403)))(request);
      }
      if (url !== `${authority}/${tenantId}/oauth2/v2.0/token`)
        throw new TypeError(`unexpected fetch of ${url}`);
      const form = new URLSearchParams(String(init.body));
      const request: TokenRequest = { form, headers: new Headers(init.headers), init };
      provider.requests.push(request);
      return (provider.answerToken ?? redeem)(request);
    },
    authorize(location) {
      const { searchParams: query, origin, pathname } = new URL(location);
      if (origin + pathname !== `${authority}/${tenantId}/oauth2/v2.0/authorize`)
        throw new Error(`sent to ${location}`);
      if (query.get("code_challenge_method") !== "S256" || query.get("client_id") !== clientId)
        throw new Error("request");
      const code = crypto.randomUUID();
      codes.set(code, {
        challenge: query.get("code_challenge") ?? "",
        redirectUri: query.get("redirect_uri") ?? "",
        nonce: query.get("nonce") ?? "",
      });
      const back = new URL(query.get("redirect_uri") ?? "");
      back.search = new URLSearchParams({
        code,
        state: query.get("state") ?? "",
        session_state: "x",
      }).toString();
      return back;
    },
  };
  return provider;
}
