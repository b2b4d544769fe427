import type { IncomingMessage, ServerResponse } from "node:http";
import type { IdTokens } from "./id-tokens.ts";

/** Discovery and keys, for whoever trusts the issuer. */
export function serveIssuer(
  tokens: IdTokens,
  issuer: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = new URL(request.url ?? "/", issuer).pathname;
  if (path === "/.well-known/openid-configuration") json(response, 200, tokens.discovery(issuer));
  else if (path === "/.well-known/jwks") json(response, 200, tokens.jwks());
  else json(response, 404, { message: "Not Found" });
}

/**
 * What ACTIONS_ID_TOKEN_REQUEST_URL answers to a job that may have an ID token.
 * @param defaultAudience of a request without `audience`: the address of the repository's owner
 * @see https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-cloud-providers
 */
export async function serveIdToken(
  tokens: IdTokens,
  issuer: string,
  serverUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", issuer);
  const requestToken = /^bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const job = requestToken === undefined ? undefined : tokens.find(requestToken);
  if (job === undefined || url.pathname !== idTokenPath(job.run.id)) {
    return json(response, 401, { message: "Unauthorized" });
  }
  if (request.method !== "GET") return json(response, 405, { message: "Method Not Allowed" });
  const audience = url.searchParams.get("audience") ?? `${serverUrl}/${job.repository.owner.login}`;
  const value = await tokens.sign(job, issuer, audience);
  json(response, 200, { count: value.length, value });
}

export function idTokenPath(runId: number): string {
  return `/idtoken/${runId}`;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
