import type { ValidatedResponse } from "./authorization-response.ts";
import type { ClientProof } from "./client-proof.ts";
import type { EntraEndpoints } from "./endpoints.ts";
import { validateIdToken } from "./id-token.ts";
import { type Identity, identityOf } from "./identity.ts";
import type { TenantKeys } from "./jwks.ts";
import { memberObjectsRequest, processMemberObjects } from "./member-objects.ts";
import { codeGrantRequest, processTokenAnswer } from "./token-request.ts";

/** The application that people sign in to, as the tenant knows it. */
export interface EntraClient {
  readonly tenantId: string;
  readonly clientId: string;
  /** How the application shows who it is. */
  readonly prove: ClientProof;
  /** The one redirect URI that Entra knows. */
  readonly redirectUri: string;
  readonly entra: EntraEndpoints;
  /** Origin of Microsoft Graph in the same cloud. */
  readonly graph: string;
}

/** What an authorization request was made with and its answer has to fit. */
export interface Asked {
  readonly nonce: string;
  /** PKCE verifier. */
  readonly verifier: string;
}

interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly fetch: typeof globalThis.fetch;
}

export interface SignedIn {
  readonly identity: Identity;
  /** For Graph, within this request. */
  readonly accessToken: string;
}

/**
 * From a validated callback to who signed in: code, token answer, ID token, claims.
 *
 * @throws GateFault `entra-…`, `id-token-…`, `visitor-is-app`
 */
export async function redeemCode(
  client: EntraClient,
  tenantKeys: TenantKeys,
  response: ValidatedResponse,
  asked: Asked,
  { now, fetch }: Surroundings,
): Promise<SignedIn> {
  const { clientId, redirectUri, tenantId, entra } = client;
  const grant = { clientId, proof: await client.prove(now()), redirectUri, verifier: asked.verifier };
  const answer = await codeGrantRequest(entra.token, response, grant, fetch);
  const { idToken, accessToken } = await processTokenAnswer(answer);
  const expected = { issuer: entra.issuer, audience: clientId, tenantId, nonce: asked.nonce };
  const claims = await validateIdToken(idToken, tenantKeys, expected, now());
  return { identity: identityOf(claims), accessToken };
}

/**
 * Groups that the token had no room for, where any is asked about: from Graph, or nobody is let in.
 *
 * @param wanted object ids that decisions rest on
 * @throws GateFault `graph-…`
 */
export async function withGroups(
  client: EntraClient,
  { identity, accessToken }: SignedIn,
  wanted: readonly string[],
  fetch: typeof globalThis.fetch,
): Promise<Identity> {
  if (identity.groupsState !== "overage" || wanted.length === 0) return identity;
  const answer = await memberObjectsRequest(client.graph, accessToken, fetch);
  return { ...identity, groups: await processMemberObjects(answer), groupsState: "known" };
}
