import type { IncomingMessage, ServerResponse } from "node:http";
import type { Directory } from "../directory/directory.ts";
import { sendHtml, sendJson } from "../http.ts";
import { AadstsError } from "./aadsts.ts";
import { answerLocation, answersOf } from "./answers.ts";
import { checkAuthorizationRequest, type RequestVerdict } from "./authorization-request.ts";
import { discoveryDocument, type Endpoints, paths } from "./endpoints.ts";
import type { Relapse } from "./federation.ts";
import type { Misissue } from "./id-token.ts";
import type { SigningKeys } from "./keys.ts";
import { handleLogout } from "./logout.ts";
import { errorPage, formPostPage } from "./pages.ts";
import { createProvider } from "./provider.ts";
import { handleSignIn } from "./sign-in.ts";
import { checkTenant } from "./tenant.ts";
import { handleToken } from "./token.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** login.microsoftonline.com's part of the stand-in: everything below `/{tenant}`. */
export async function createLogin(
  directory: Directory,
  endpoints: Endpoints,
  keys: SigningKeys,
  relapse: Relapse,
  misissue: Misissue,
): Promise<Handler> {
  const provider = await createProvider(directory, endpoints, keys);
  provider.use(answersOf(directory, endpoints, keys, misissue));
  const callback = provider.callback();

  const endpointsByPath: Readonly<Record<string, Handler>> = {
    [paths.discovery]: async (_, response) =>
      sendJson(response, 200, discoveryDocument(endpoints), readableByAll),
    [paths.keys]: async (_, response) => sendJson(response, 200, keys.jwks, readableByAll),
    [paths.token]: (request, response) =>
      handleToken(request, response, { provider, callback, directory, endpoints, keys, relapse }),
    [paths.logout]: (request, response) => handleLogout(request, response, provider, directory, endpoints),
    [paths.authorize]: authorize,
  };

  return async (request, response) => {
    const [, tenant = "", ...rest] = new URL(request.url ?? "/", endpoints.authority).pathname.split("/");
    const path = `/${rest.join("/")}`;
    try {
      checkTenant(tenant, endpoints.tenantId);
    } catch (error) {
      return refuse(response, error as AadstsError, path);
    }
    const handler = endpointsByPath[path];
    if (handler !== undefined) return handler(request, response);
    if (path.startsWith(`${paths.signIn}/`)) {
      return handleSignIn(request, response, provider, directory, endpoints);
    }
    if (path.startsWith(`${paths.authorize}/`)) return toProvider(request, response, path);
    sendJson(response, 404, { error: "not_found" });
  };

  async function authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET") {
      const error = new AadstsError(900561, "The endpoint only accepts GET requests here.");
      return sendHtml(response, 200, errorPage(error));
    }
    const { searchParams } = new URL(request.url ?? "/", endpoints.authority);
    const verdict = checkAuthorizationRequest(searchParams, directory);
    if (verdict.kind === "accepted") {
      return toProvider(request, response, `${paths.authorize}?${verdict.query}`);
    }
    answerVerdict(response, verdict);
  }

  async function toProvider(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    Object.assign(request, { url, originalUrl: `/${endpoints.tenantId}${url}` });
    await callback(request, response);
  }

  function refuse(response: ServerResponse, error: AadstsError, path: string): void {
    const body = error.body(endpoints.authority);
    if (path === paths.authorize || path === paths.logout) sendHtml(response, 200, errorPage(error));
    else
      sendJson(
        response,
        error.status,
        path === paths.discovery ? { ...body, error: "invalid_tenant" } : body,
      );
  }
}

/** Metadata and keys are public, and a browser's script may read them. */
const readableByAll = { "access-control-allow-origin": "*", "cache-control": "max-age=86400, private" };

function answerVerdict(
  response: ServerResponse,
  verdict: Exclude<RequestVerdict, { kind: "accepted" }>,
): void {
  if (verdict.kind === "shown") {
    sendHtml(response, 200, errorPage(verdict.error));
    return;
  }
  const { error, redirectUri, responseMode, state } = verdict;
  const answer = new URLSearchParams({ error: error.oauthError, error_description: error.description });
  if (state !== undefined) answer.set("state", state);
  if (responseMode === "form_post") {
    sendHtml(response, 200, formPostPage(redirectUri, answer));
    return;
  }
  const location = answerLocation(redirectUri, responseMode, answer);
  response.writeHead(302, { location, "cache-control": "no-store" });
  response.end();
}
