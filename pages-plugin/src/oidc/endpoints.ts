import { tokenServiceOf } from "../../../contract/names/clouds.ts";

/** Where one tenant of Entra answers. */
export interface EntraEndpoints {
  /** `iss` of its v2 ID tokens, compared exactly. */
  readonly issuer: string;
  /** `iss` of its version 1.0 access tokens. */
  readonly issuerV1: string;
  readonly authorization: string;
  readonly token: string;
  readonly keys: string;
  readonly logout: string;
  /** Asked only to learn whether there is an answer. */
  readonly discovery: string;
}

/**
 * A tenant's endpoints and issuer, made from what is configured and never from what a provider says of itself: a
 * discovery document could name another issuer, and every ID token of that one would then pass
 * (passport-azure-ad#183).
 *
 * Source: learn.microsoft.com, "OpenID Connect on the Microsoft identity platform".
 *
 * @param authority origin of the cloud's sign-in service, `https://login.microsoftonline.com`
 * @param tenantId GUID, lower case
 */
export function entraEndpoints(authority: string, tenantId: string): EntraEndpoints {
  const tenant = `${authority}/${tenantId}`;
  return {
    issuer: `${tenant}/v2.0`,
    issuerV1: `${tokenServiceOf(authority)}/${tenantId}/`,
    authorization: `${tenant}/oauth2/v2.0/authorize`,
    token: `${tenant}/oauth2/v2.0/token`,
    keys: `${tenant}/discovery/v2.0/keys`,
    logout: `${tenant}/oauth2/v2.0/logout`,
    discovery: `${tenant}/v2.0/.well-known/openid-configuration`,
  };
}
