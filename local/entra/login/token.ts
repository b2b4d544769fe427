import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type Provider from "oidc-provider";
import type { Directory } from "../directory/directory.ts";
import { mediaType, readBody, sendJson } from "../http.ts";
import { AadstsError } from "./aadsts.ts";
import { accessTokenLifetime, appOnlyClaims } from "./access-token.ts";
import { missing } from "./authorization-request.ts";
import { type AuthenticatedClient, authenticateClient } from "./client-authentication.ts";
import { type Endpoints, paths } from "./endpoints.ts";
import type { Relapse } from "./federation.ts";
import type { SigningKeys } from "./keys.ts";
import { findResource } from "./resource.ts";

export interface TokenEndpoint {
  readonly provider: Provider;
  readonly callback: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly directory: Directory;
  readonly endpoints: Endpoints;
  readonly keys: SigningKeys;
  readonly relapse: Relapse;
}

/**
 * The token endpoint: authenticates the client in Entra's way, then redeems codes at the provider or issues app-only
 * tokens itself.
 * Source: RFC 6749 sections 4.1.3 and 4.4; learn.microsoft.com, "OAuth 2.0 authorization code flow", "Client credentials flow".
 */
export async function handleToken(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: TokenEndpoint,
): Promise<void> {
  try {
    if (request.method !== "POST") {
      throw new AadstsError(
        900561,
        `The endpoint only accepts POST, OPTIONS requests. Received a ${request.method} request.`,
      );
    }
    const body = await readBody(request);
    const form = new URLSearchParams(mediaType(request) === "application/x-www-form-urlencoded" ? body : "");
    for (const name of new Set(form.keys())) {
      if (form.getAll(name).length > 1) {
        throw new AadstsError(90023, `The request contains the parameter '${name}' more than once.`);
      }
    }
    const grant = form.get("grant_type");
    if (grant === null) throw missing("grant_type");
    if (grant !== "authorization_code" && grant !== "client_credentials") {
      throw new AadstsError(70003, `The app requested an unsupported grant type '${grant}'.`);
    }
    const { authority, tenantId } = endpoint.endpoints;
    const client = await authenticateClient(
      form,
      request.headers,
      endpoint.directory,
      endpoint.relapse,
      `${authority}/${tenantId}${paths.token}`,
    );
    if (grant === "client_credentials") await clientCredentials(response, form, client, endpoint);
    else await authorizationCode(request, response, form, client, endpoint);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    sendJson(response, error.status, error.body(endpoint.endpoints.authority));
  }
}

async function clientCredentials(
  response: ServerResponse,
  form: URLSearchParams,
  { principal, by }: AuthenticatedClient,
  { directory, endpoints, keys }: TokenEndpoint,
): Promise<void> {
  const scope = form.get("scope");
  if (!scope) throw missing("scope");
  if (scope.includes(" ") || !scope.endsWith("/.default")) {
    throw new AadstsError(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  const resource = findResource(directory, endpoints, scope.slice(0, -"/.default".length));
  const now = Math.floor(Date.now() / 1000);
  const claims = appOnlyClaims(directory, endpoints, principal, resource, by, now);
  sendJson(response, 200, {
    token_type: "Bearer",
    expires_in: accessTokenLifetime,
    ext_expires_in: accessTokenLifetime,
    access_token: await keys.sign(claims),
  });
}

async function authorizationCode(
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
  { application }: AuthenticatedClient,
  { provider, callback, endpoints }: TokenEndpoint,
): Promise<void> {
  for (const name of ["code", "redirect_uri"]) {
    if (!form.get(name)) throw missing(name);
  }
  await checkCode(provider, form, application.appId);
  const passedOn = new URLSearchParams({ client_id: application.appId, grant_type: "authorization_code" });
  for (const name of ["code", "redirect_uri", "code_verifier"]) {
    const value = form.get(name);
    if (value !== null) passedOn.set(name, value);
  }
  await callback(replay(request, endpoints, passedOn.toString()), response);
}

/** The provider makes these checks again; here they get Entra's codes, which its one `invalid_grant` doesn't tell. */
async function checkCode(provider: Provider, form: URLSearchParams, appId: string): Promise<void> {
  const code = await provider.AuthorizationCode.find(form.get("code") ?? "", { ignoreExpiration: true });
  if (code === undefined || code.clientId !== appId) {
    throw new AadstsError(70000, "The provided value for the 'code' parameter is not valid.");
  }
  if ((code as { consumed?: unknown }).consumed !== undefined) {
    throw new AadstsError(
      54005,
      "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    );
  }
  if (code.isExpired) {
    throw new AadstsError(
      70008,
      "The provided authorization code or refresh token has expired due to inactivity.",
    );
  }
  const redirectUri = form.get("redirect_uri");
  if (code.redirectUri !== redirectUri) {
    throw new AadstsError(
      500112,
      `The reply address '${redirectUri}' does not match the reply address '${code.redirectUri}' provided when requesting Authorization code.`,
    );
  }
  const verifier = form.get("code_verifier");
  if (code.codeChallenge === undefined) {
    if (verifier === null) return;
    throw new AadstsError(
      50148,
      "A code_verifier was sent, but no code_challenge with the authorization request.",
    );
  }
  if (verifier === null) throw new AadstsError(50148, "The code_verifier is missing.");
  if (createHash("sha256").update(verifier).digest("base64url") === code.codeChallenge) return;
  throw new AadstsError(
    501481,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  );
}

/** The request with another body, for the provider: without the credentials that have been checked. */
function replay(request: IncomingMessage, { tenantId }: Endpoints, body: string): IncomingMessage {
  const { authorization: _, "transfer-encoding": __, ...headers } = request.headers;
  return Object.assign(Readable.from([Buffer.from(body)]), {
    method: "POST",
    url: paths.token,
    originalUrl: `/${tenantId}${paths.token}`,
    httpVersion: request.httpVersion,
    httpVersionMajor: request.httpVersionMajor,
    socket: request.socket,
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
  }) as unknown as IncomingMessage;
}
