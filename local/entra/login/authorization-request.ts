import type { Directory } from "../directory/directory.ts";
import { redirectUriMatches } from "../directory/redirect-uris.ts";
import { AadstsError } from "./aadsts.ts";
import { findExposedScope } from "./resource.ts";

export type ResponseMode = "query" | "form_post" | "fragment";

/** Delegated permissions of Graph that an authorization request here may name. */
export const graphScopes = ["User.Read", "GroupMember.Read.All", "Group.Read.All"] as const;
export const scopes: readonly string[] = ["openid", "profile", "email", "offline_access", ...graphScopes];

/** Parameters that reach the provider; Entra ignores what it doesn't know, so the rest is dropped. */
const passedOn = [
  ...["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge"],
  ...["code_challenge_method", "prompt", "login_hint", "max_age", "claims"],
];

export type RequestVerdict =
  | { readonly kind: "accepted"; readonly query: URLSearchParams }
  /** Shown on Entra's own page: there is nobody to send it to. */
  | { readonly kind: "shown"; readonly error: AadstsError }
  /** Sent back to the application. */
  | {
      readonly kind: "returned";
      readonly error: AadstsError;
      readonly redirectUri: string;
      readonly responseMode: ResponseMode;
      readonly state: string | undefined;
    };

/**
 * Checks an authorization request as Entra does before anybody signs in.
 * Source: RFC 6749 section 4.1.2.1 (what may be redirected); learn.microsoft.com, "OAuth 2.0 authorization code flow".
 */
export function checkAuthorizationRequest(query: URLSearchParams, directory: Directory): RequestVerdict {
  const clientId = query.get("client_id") ?? "";
  const redirectUri = query.get("redirect_uri") ?? "";
  const shown = checkRecipient(query, clientId, redirectUri, directory);
  if (shown !== undefined) return { kind: "shown", error: shown };
  const mode = query.get("response_mode") ?? "query";
  const responseMode = isResponseMode(mode) ? mode : "query";
  const state = query.get("state") ?? undefined;
  const error = checkParameters(query, mode, directory);
  if (error !== undefined) return { kind: "returned", error, redirectUri, responseMode, state };
  const accepted = new URLSearchParams();
  for (const name of passedOn) {
    const value = query.get(name);
    if (value !== null) accepted.set(name, value);
  }
  const wanted = scopesOf(query);
  accepted.set("scope", wanted.filter((scope) => scopes.includes(scope)).join(" "));
  const exposed = wanted.filter((scope) => !scopes.includes(scope));
  if (exposed.length > 0) accepted.set(exposedScopes, exposed.join(" "));
  accepted.set("response_mode", "query");
  accepted.set(originalResponseMode, responseMode);
  return { kind: "accepted", query: accepted };
}

/** The provider answers by query always; what the application asked for travels beside and is made from that. */
export const originalResponseMode = "entra_response_mode";

/** Permissions of one of the tenant's own applications, which the provider knows nothing of. */
export const exposedScopes = "entra_exposed_scopes";

function isResponseMode(value: string): value is ResponseMode {
  return value === "query" || value === "form_post" || value === "fragment";
}

function checkRecipient(
  query: URLSearchParams,
  clientId: string,
  redirectUri: string,
  directory: Directory,
): AadstsError | undefined {
  for (const name of ["client_id", "redirect_uri"]) {
    if (!query.has(name)) return missing(name);
  }
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) {
      return new AadstsError(90023, `The request contains the parameter '${name}' more than once.`);
    }
  }
  const application = directory.application(clientId);
  if (application === undefined) return unknownApplication(clientId);
  if (directory.servicePrincipal(clientId)?.accountEnabled !== true) {
    return new AadstsError(
      7000112,
      `Application '${clientId}'(${application.displayName}) is disabled or has no service principal.`,
    );
  }
  if (directory.honouredRedirectUris(clientId).some((uri) => redirectUriMatches(uri, redirectUri)))
    return undefined;
  return new AadstsError(
    50011,
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this error.`,
  );
}

/** @returns AADSTS700016, the same at both endpoints */
export function unknownApplication(clientId: string): AadstsError {
  return new AadstsError(
    700016,
    `Application with identifier '${clientId}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );
}

export function missing(name: string): AadstsError {
  return new AadstsError(900144, `The request body must contain the following parameter: '${name}'.`);
}

function checkParameters(
  query: URLSearchParams,
  mode: string,
  directory: Directory,
): AadstsError | undefined {
  const type = query.get("response_type");
  if (type === null) return missing("response_type");
  if (type !== "code") {
    return new AadstsError(700054, `response_type '${type}' is not enabled for the application.`);
  }
  if (!query.get("scope")) return missing("scope");
  if (query.has("resource")) {
    return new AadstsError(901002, "The 'resource' request parameter is not supported.");
  }
  if (query.has("request") || query.has("request_uri")) {
    return new AadstsError(90023, "The 'request' and 'request_uri' parameters are not supported.");
  }
  if (!isResponseMode(mode)) {
    return new AadstsError(90023, `The value '${mode}' of the parameter 'response_mode' is not valid.`);
  }
  return checkScope(query, directory) ?? checkChallenge(query) ?? checkPrompt(query) ?? checkClaims(query);
}

/** Graph's permissions may be named with or without the resource in front. */
function scopesOf(query: URLSearchParams): string[] {
  const names = (query.get("scope") ?? "").split(" ").filter((name) => name !== "");
  return [...new Set(names.map((name) => name.replace(/^https:\/\/graph\.microsoft\.com\//, "")))];
}

function checkScope(query: URLSearchParams, directory: Directory): AadstsError | undefined {
  const wanted = scopesOf(query);
  const exposed = wanted
    .filter((scope) => !scopes.includes(scope))
    .map((scope) => ({ scope, found: findExposedScope(directory, scope) }));
  const unknown = exposed.find(({ found }) => found === undefined)?.scope;
  const resources = new Set(exposed.map(({ found }) => found?.identifier));
  if (wanted.some((scope) => (graphScopes as readonly string[]).includes(scope))) resources.add("Graph");
  if (unknown === undefined && resources.size > 1) {
    return new AadstsError(
      28000,
      "Provided value for the input parameter scope is not valid because it contains more than one resource.",
    );
  }
  if (unknown === undefined) return undefined;
  return new AadstsError(
    70011,
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${unknown} is not valid.`,
  );
}

function checkChallenge(query: URLSearchParams): AadstsError | undefined {
  const challenge = query.get("code_challenge");
  const method = query.get("code_challenge_method");
  if (challenge === null && method === null) return undefined;
  if (challenge === null) return missing("code_challenge");
  // Entra also takes `plain`; nothing here may lean on that, so only S256 is (RFC 7636 section 4.2).
  if (method !== "S256") {
    return new AadstsError(
      90023,
      "The value of the parameter 'code_challenge_method' is not supported here.",
    );
  }
  if (/^[A-Za-z0-9_-]{43}$/.test(challenge)) return undefined;
  return new AadstsError(501491, "Invalid size of Code_Challenge parameter.");
}

function checkPrompt(query: URLSearchParams): AadstsError | undefined {
  const prompt = query.get("prompt");
  const maxAge = query.get("max_age");
  if (maxAge !== null && !/^\d{1,9}$/.test(maxAge)) {
    return new AadstsError(90023, "The value of the parameter 'max_age' is not a number of seconds.");
  }
  if (prompt === null) return undefined;
  if (!["login", "none", "consent", "select_account"].includes(prompt)) {
    return new AadstsError(90023, `Unsupported 'prompt' value '${prompt}'.`);
  }
  if (prompt !== "select_account" || !query.has("login_hint")) return undefined;
  return new AadstsError(90023, "'login_hint' can't be combined with 'prompt=select_account'.");
}

function checkClaims(query: URLSearchParams): AadstsError | undefined {
  const claims = query.get("claims");
  if (claims === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(claims);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return undefined;
  } catch {
    // Falls through to the same refusal as a value that is no object.
  }
  return new AadstsError(90013, "Invalid input received from the user: 'claims' is not a JSON object.");
}
