import type { EntraEndpoints } from "./endpoints.ts";
import { s256 } from "./random.ts";

/** `User.Read` is for `/me/getMemberObjects`, where a token can't hold all groups; nothing else is asked of Graph. */
export const scope = "openid profile User.Read";

export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** The code verifier; only its S256 challenge leaves the host. */
  readonly verifier: string;
  /** The opaque `login_hint` claim of an earlier sign-in: spares the choice among several accounts. */
  readonly loginHint?: string;
  /** The visitor asked to choose another account. */
  readonly chooseAccount?: boolean;
  /** The visitor has to prove again who he is, whatever session he has at Entra. */
  readonly prompt?: boolean;
  /** Authentication context that has to be met (Conditional Access, `acrs`). */
  readonly authContext?: string;
}

/**
 * The address of an authorization request: code flow with PKCE (OpenID Connect Core section 3.1.2.1, RFC 7636).
 *
 * There is no `prompt` unless the visitor asked to choose: `prompt=none` leaves people who aren't assigned on Entra's
 * own error page. `login_hint` can't be combined with select_account (Microsoft's documentation of the parameter).
 */
export async function authorizationRequestUrl(
  endpoints: EntraEndpoints,
  request: AuthorizationRequest,
): Promise<string> {
  const url = new URL(endpoints.authorization);
  const parameters: Record<string, string> = {
    client_id: request.clientId,
    response_type: "code",
    response_mode: "query",
    redirect_uri: request.redirectUri,
    scope,
    state: request.state,
    nonce: request.nonce,
    code_challenge: await s256(request.verifier),
    code_challenge_method: "S256",
  };
  if (request.chooseAccount) parameters["prompt"] = "select_account";
  else if (request.loginHint) parameters["login_hint"] = request.loginHint;
  if (request.prompt && !request.chooseAccount) parameters["prompt"] = "login";
  if (request.authContext)
    parameters["claims"] = JSON.stringify({
      id_token: { acrs: { essential: true, value: request.authContext } },
    });
  url.search = new URLSearchParams(parameters).toString();
  // An empty fragment of its own keeps the browser from carrying one over to Entra (Fetch, "location URL").
  return `${url.href}#`;
}
