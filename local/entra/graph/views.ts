import type {
  Application as GraphApplication,
  ServicePrincipal as GraphServicePrincipal,
  KeyCredential,
  PasswordCredential,
} from "@microsoft/microsoft-graph-types";
import type {
  Application,
  ApplicationCertificate,
  ApplicationSecret,
  AppRole,
  ServicePrincipal,
} from "../directory/model.ts";

/** An application as Graph shows it, checked against the published types. */
export function applicationView(application: Application): GraphApplication {
  const {
    appRoles,
    optionalClaims,
    web,
    passwordCredentials,
    keyCredentials,
    tags,
    identifierUris,
    api,
    ...rest
  } = application;
  return {
    ...rest,
    deletedDateTime: null,
    publisherDomain: "contoso.example",
    tags: [...tags],
    identifierUris: [...identifierUris],
    appRoles: appRoles.map(roleView),
    optionalClaims:
      optionalClaims === null
        ? null
        : {
            idToken: optionalClaims.idToken.map(copy),
            accessToken: optionalClaims.accessToken.map(copy),
            saml2Token: optionalClaims.saml2Token.map(copy),
          },
    web: {
      ...web,
      redirectUris: [...web.redirectUris],
      redirectUriSettings: web.redirectUris.map((uri) => ({ uri, index: null })),
    },
    api: { ...api, oauth2PermissionScopes: api.oauth2PermissionScopes.map((scope) => ({ ...scope })) },
    spa: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    requiredResourceAccess: rest.requiredResourceAccess as never,
    keyCredentials: keyCredentials.map(certificateView),
    passwordCredentials: passwordCredentials.map((secret) => secretView(secret, null)),
  };
}

/** The certificate itself is shown to whoever asks for nothing else ($select=keyCredentials), which nobody does here. */
function certificateView({ key: _, usableFrom: __, ...rest }: ApplicationCertificate): KeyCredential {
  return { ...rest, key: null, type: "AsymmetricX509Cert", usage: "Verify" };
}

/** @param text only in addPassword's answer; null ever after */
export function secretView(
  { keyId, displayName, startDateTime, endDateTime, hint }: ApplicationSecret,
  text: string | null,
): PasswordCredential {
  return {
    customKeyIdentifier: null,
    displayName,
    endDateTime,
    hint,
    keyId,
    secretText: text,
    startDateTime,
  };
}

export function servicePrincipalView(
  { graphPermissions: _, tags, ...rest }: ServicePrincipal,
  application: Application | undefined,
  tenantId: string,
): GraphServicePrincipal {
  return {
    ...rest,
    tags: [...tags],
    deletedDateTime: null,
    appOwnerOrganizationId: tenantId,
    displayName: application?.displayName ?? null,
    appDisplayName: application?.displayName ?? null,
    servicePrincipalType: "Application",
    signInAudience: "AzureADMyOrg",
    servicePrincipalNames: [rest.appId, ...(application?.identifierUris ?? [])],
    appRoles: (application?.appRoles ?? []).map(roleView),
    replyUrls: [...(application?.web.redirectUris ?? [])],
    passwordCredentials: [],
    keyCredentials: [],
  };
}

function roleView(role: AppRole) {
  return { ...role, allowedMemberTypes: [...role.allowedMemberTypes], origin: "Application" };
}

function copy<T extends { additionalProperties: readonly string[] }>(claim: T) {
  return { ...claim, additionalProperties: [...claim.additionalProperties] };
}
