/** Where the tenant's endpoints are, relative to the authority; the paths are Entra's v2.0 ones. */
export interface Endpoints {
  /** `http://login.localhost:<port>` */
  readonly authority: string;
  readonly tenantId: string;
  readonly issuer: string;
  readonly graphUrl: string;
}

export const paths = {
  discovery: "/v2.0/.well-known/openid-configuration",
  authorize: "/oauth2/v2.0/authorize",
  token: "/oauth2/v2.0/token",
  logout: "/oauth2/v2.0/logout",
  keys: "/discovery/v2.0/keys",
  /** The pages a person meets between the authorization request and its answer; Entra calls them otherwise. */
  signIn: "/sign-in",
} as const;

/**
 * The tenant's discovery document, as login.microsoftonline.com gives it.
 * Source: OpenID Connect Discovery 1.0 section 3; learn.microsoft.com, "OpenID Connect on the Microsoft identity platform".
 */
export function discoveryDocument({
  authority,
  tenantId,
  issuer,
  graphUrl,
}: Endpoints): Record<string, unknown> {
  const base = `${authority}/${tenantId}`;
  return {
    token_endpoint: base + paths.token,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: base + paths.keys,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer,
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${graphUrl}/oidc/userinfo`,
    authorization_endpoint: base + paths.authorize,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: base + paths.logout,
    claims_supported: [
      ...["sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name"],
      ...[
        "msgraph_host",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "acr",
        "nonce",
        "preferred_username",
        "name",
        "tid",
      ],
      ...["ver", "at_hash", "c_hash", "email"],
    ],
    tenant_region_scope: "EU",
    cloud_instance_name: new URL(authority).host,
    msgraph_host: new URL(graphUrl).host,
  };
}
