import { type Account, interactionPolicy, type KoaContextWithOIDC, Provider } from "oidc-provider";
import type { Directory } from "../directory/directory.ts";
import { redirectUriMatches } from "../directory/redirect-uris.ts";
import { exposedScopes, originalResponseMode, scopes } from "./authorization-request.ts";
import { type Endpoints, paths } from "./endpoints.ts";
import type { SigningKeys } from "./keys.ts";
import { userByHint } from "./people.ts";
import { createStore } from "./store.ts";

/**
 * The certified OpenID provider, mounted under the tenant: it runs the code flow, PKCE, sessions, prompts and consent;
 * what its answers look like is Entra's affair and made elsewhere.
 */
export async function createProvider(
  directory: Directory,
  endpoints: Endpoints,
  keys: SigningKeys,
): Promise<Provider> {
  const { tenantId, issuer } = endpoints;
  const provider = new Provider(issuer, {
    adapter: createStore(directory),
    jwks: (await keys.providerKeys()) as never,
    scopes: [...scopes],
    claims: { openid: ["sub"], acrs: null },
    responseTypes: ["code"],
    routes: { authorization: paths.authorize, token: paths.token, jwks: paths.keys },
    extraParams: [originalResponseMode, exposedScopes],
    cookies: { names: { session: "ESTSAUTH", interaction: "ESTSINTERACTION", resume: "ESTSRESUME" } },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      claimsParameter: { enabled: true },
    },
    // PKCE is optional for a confidential client at Entra, but what was promised is held to.
    pkce: { required: () => false },
    expiresWithSession: () => false,
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 600,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      Session: 86_400,
    },
    interactions: {
      policy: policyOf(directory),
      url: (_, interaction) => `/${tenantId}${paths.signIn}/${interaction.uid}`,
    },
    findAccount: (_, oid): Account | undefined =>
      directory.users.has(oid) ? { accountId: oid, claims: () => ({ sub: oid }) } : undefined,
    loadExistingGrant: (ctx) => grantOf(directory, ctx),
  });
  provider.Client.prototype.redirectUriAllowed = function (uri: string): boolean {
    return directory.honouredRedirectUris(this.clientId).some((known) => redirectUriMatches(known, uri));
  };
  return provider;
}

/** What the user, or an administrator for everybody, has consented to; the provider asks for the rest. */
async function grantOf(directory: Directory, ctx: KoaContextWithOIDC) {
  const accountId = ctx.oidc.session?.accountId;
  const clientId = ctx.oidc.client?.clientId;
  if (accountId === undefined || clientId === undefined) return undefined;
  const grant = new ctx.oidc.provider.Grant({ accountId, clientId });
  const consented = directory.consents.scopes(clientId, accountId);
  grant.addOIDCScope([...consented].join(" "));
  grant.addOIDCClaims(["acrs"]);
  await grant.save();
  return grant;
}

/** The authentication context that a request's `claims` parameter asks for, e.g. `c1`. */
export function contextAsked(claims: unknown): string | undefined {
  const asked = (claims as { id_token?: { acrs?: { value?: unknown } } } | undefined)?.id_token?.acrs?.value;
  return typeof asked === "string" ? asked : undefined;
}

function policyOf(directory: Directory): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  policy.add(
    new interactionPolicy.Prompt(
      { name: "auth_context", requestable: false },
      new interactionPolicy.Check(
        "auth_context_unmet",
        "Conditional Access asks for more",
        "interaction_required",
        ({ oidc }) => {
          const context = contextAsked(oidc.claims);
          return (
            context !== undefined &&
            directory.protectedContexts.has(context) &&
            !directory.metContexts.has(`${oidc.session?.uid} ${context}`)
          );
        },
      ),
    ),
    policy.findIndex(({ name }) => name === "consent"),
  );
  policy.get("login")?.checks.add(
    new interactionPolicy.Check(
      "login_hint_mismatch",
      "another account is signed in",
      "login_required",
      ({ oidc }) => {
        const hint = oidc.params?.["login_hint"];
        if (typeof hint !== "string" || oidc.session?.accountId === undefined || oidc.result?.login)
          return false;
        const hinted = userByHint(directory, hint);
        return hinted !== undefined && hinted.oid !== oidc.session.accountId;
      },
    ),
  );
  return policy;
}
