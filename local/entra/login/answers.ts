import { createHash } from "node:crypto";
import type { KoaContextWithOIDC } from "oidc-provider";
import type { Directory } from "../directory/directory.ts";
import { isAssigned } from "../directory/membership.ts";
import type { Application, User } from "../directory/model.ts";
import { htmlHeaders } from "../http.ts";
import { type AadstsCode, AadstsError } from "./aadsts.ts";
import { accessTokenLifetime, delegatedClaims } from "./access-token.ts";
import { exposedScopes, originalResponseMode, type ResponseMode } from "./authorization-request.ts";
import type { Endpoints } from "./endpoints.ts";
import { idTokenClaims, type Misissue } from "./id-token.ts";
import type { SigningKeys } from "./keys.ts";
import { errorPage, formPostPage } from "./pages.ts";
import { contextAsked } from "./provider.ts";
import { findExposedScope, findResource } from "./resource.ts";

/** Puts the provider's answers into Entra's form; runs around the provider as its outermost middleware. */
export function answersOf(directory: Directory, endpoints: Endpoints, keys: SigningKeys, misissue: Misissue) {
  const exposed: ExposedByCode = new Map();
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (ctx.oidc?.route === "token")
      ctx.body = await tokenAnswer(ctx, directory, endpoints, keys, misissue, exposed);
    if (ctx.oidc?.route === "authorization" || ctx.oidc?.route === "resume")
      authorizationAnswer(ctx, directory, exposed);
  };
}

/** Which permissions of a tenant's own application a code is good for: the provider's codes can't hold them. */
type ExposedByCode = Map<string, readonly string[]>;

const refusals: Readonly<Record<string, readonly [AadstsCode, string]>> = {
  login_required: [50058, "A silent sign-in request was sent but no user is signed in."],
  consent_required: [
    65001,
    "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
  ],
  interaction_required: [
    16000,
    "Either multiple user identities are available or the one is not sufficient.",
  ],
  access_denied: [65004, "User declined to consent to access the app."],
};

/** The authorization response: `session_state` beside the code, no `iss`, AADSTS texts, by the mode asked for. */
function authorizationAnswer(ctx: KoaContextWithOIDC, directory: Directory, exposed: ExposedByCode): void {
  const redirectUri = ctx.oidc.params?.["redirect_uri"];
  const location = ctx.response.get("location");
  if (typeof redirectUri !== "string" || !location.startsWith(redirectUri)) return;
  const given = new URL(location).searchParams;
  const { code, error } = consented(ctx, directory, given, exposed);
  if (code === null && error === null) return;
  const shown = refusalOfPerson(ctx, directory);
  if (shown !== undefined) {
    ctx.remove("location");
    answerHtml(ctx, errorPage(shown));
    return;
  }
  const answer = new URLSearchParams();
  if (code !== null) answer.set("code", code);
  if (error !== null) {
    const [number, text] = refusals[error] ?? [90023, given.get("error_description") ?? error];
    answer.set("error", error);
    answer.set("error_description", new AadstsError(number, text).description);
  }
  const state = ctx.oidc.params?.["state"];
  if (typeof state === "string") answer.set("state", state);
  if (code !== null) answer.set("session_state", guidOf(ctx.oidc.session?.uid ?? ""));
  const mode = (ctx.oidc.params?.[originalResponseMode] ?? "query") as ResponseMode;
  ctx.remove("location");
  if (mode === "form_post") {
    answerHtml(ctx, formPostPage(redirectUri, answer));
    return;
  }
  ctx.status = 302;
  ctx.body = "";
  ctx.set("location", answerLocation(redirectUri, mode, answer));
}

/** Permissions of a tenant's own application are consented to by an administrator here, or not at all. */
function consented(
  ctx: KoaContextWithOIDC,
  directory: Directory,
  given: URLSearchParams,
  exposed: ExposedByCode,
): { readonly code: string | null; readonly error: string | null } {
  const code = given.get("code");
  const wanted = String(ctx.oidc.params?.[exposedScopes] ?? "")
    .split(" ")
    .filter((scope) => scope !== "");
  if (code === null || wanted.length === 0) return { code, error: given.get("error") };
  const { accountId = "" } = ctx.oidc.session ?? {};
  const granted = directory.consents.scopes(ctx.oidc.client?.clientId ?? "", accountId);
  if (!wanted.every((scope) => granted.has(scope))) return { code: null, error: "consent_required" };
  exposed.set(code, wanted);
  return { code, error: null };
}

/** The redirect that carries an authorization response. */
export function answerLocation(redirectUri: string, mode: ResponseMode, answer: URLSearchParams): string {
  if (mode === "fragment") return `${redirectUri}#${answer}`;
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${answer}`;
}

function answerHtml(ctx: KoaContextWithOIDC, html: string): void {
  ctx.status = 200;
  ctx.set(htmlHeaders);
  ctx.body = html;
}

/** Why a signed-in person gets no further than Entra's own page, not even with `prompt=none`. */
function refusalOfPerson(ctx: KoaContextWithOIDC, directory: Directory): AadstsError | undefined {
  const user = directory.users.get(ctx.oidc.session?.accountId ?? "");
  const appId = ctx.oidc.client?.clientId;
  if (user === undefined || appId === undefined) return undefined;
  if (!user.enabled) return disabledAccount();
  const required = directory.servicePrincipal(appId)?.appRoleAssignmentRequired === true;
  if (!required || isAssigned(directory, user, appId)) return undefined;
  return new AadstsError(
    50105,
    `Your administrator has configured the application ${directory.application(appId)?.displayName} ('${appId}') to block users unless they are specifically granted ('assigned') access to the application. The signed-in user '${user.upn}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.`,
  );
}

export function disabledAccount(): AadstsError {
  return new AadstsError(50057, "The user account is disabled.");
}

async function tokenAnswer(
  ctx: KoaContextWithOIDC,
  directory: Directory,
  endpoints: Endpoints,
  keys: SigningKeys,
  misissue: Misissue,
  exposed: ExposedByCode,
): Promise<unknown> {
  const body = ctx.body as { error?: string; error_description?: string };
  const code = ctx.oidc.entities.AuthorizationCode;
  const application = directory.application(ctx.oidc.client?.clientId ?? "");
  const user = directory.users.get(code?.accountId ?? "");
  if (body.error !== undefined || code === undefined || application === undefined || user === undefined) {
    const refusal = new AadstsError(70000, body.error_description ?? "The provided grant is not valid.");
    ctx.status = refusal.status;
    return refusal.body(endpoints.authority);
  }
  if (!user.enabled) {
    const refusal = disabledAccount();
    ctx.status = refusal.status;
    return refusal.body(endpoints.authority);
  }
  return tokens(code, application, user);

  async function tokens(
    { scopes, nonce, authTime, sessionUid, claims }: NonNullable<typeof code>,
    of: Application,
    by: User,
  ): Promise<unknown> {
    const now = Math.floor(Date.now() / 1000);
    const granted = [...scopes].filter((scope) => scope !== "offline_access");
    const signIn = {
      application: of,
      user: by,
      scopes,
      nonce,
      authTime: authTime ?? now,
      sessionId: guidOf(sessionUid ?? ""),
      authContext: contextAsked(claims),
    };
    const wanted = exposed.get(code?.jti ?? "");
    const identifier = findExposedScope(directory, wanted?.[0] ?? "")?.identifier;
    const resource = findResource(directory, endpoints, identifier ?? "https://graph.microsoft.com");
    const permitted = wanted?.map((scope) => scope.slice(scope.lastIndexOf("/") + 1)) ?? granted;
    const access = delegatedClaims(directory, endpoints, by, of.appId, resource, permitted, now);
    return {
      token_type: "Bearer",
      scope: [...granted, ...(wanted ?? [])].join(" "),
      expires_in: accessTokenLifetime,
      ext_expires_in: accessTokenLifetime,
      access_token: await keys.sign(access),
      ...(scopes.has("openid") ? { id_token: await idToken() } : {}),
    };

    function idToken(): Promise<string> {
      const honest = idTokenClaims(directory, endpoints.issuer, signIn, now);
      const claims = misissue.claims?.(honest) ?? honest;
      return misissue.foreignKey ? keys.signForeign(claims) : keys.sign(claims);
    }
  }
}

/** A GUID that stands for something of the provider's, the same each time. */
function guidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
