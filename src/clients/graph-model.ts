import * as v from "valibot";

const guid = v.pipe(v.string(), v.toLowerCase());

export const appRoleSchema = v.looseObject({
  id: guid,
  value: v.nullish(v.string()),
  displayName: v.nullish(v.string()),
  description: v.nullish(v.string()),
  isEnabled: v.optional(v.boolean(), true),
  allowedMemberTypes: v.array(v.string()),
});

/** Platform Web of an application, with whether it hands out tokens without a code. */
export const webSchema = v.object({
  redirectUris: v.array(v.string()),
  implicitGrantSettings: v.nullish(
    v.object({
      enableIdTokenIssuance: v.nullish(v.boolean()),
      enableAccessTokenIssuance: v.nullish(v.boolean()),
    }),
  ),
});

export const optionalClaimSchema = v.looseObject({ name: v.string() });

export const passwordCredentialSchema = v.object({
  keyId: guid,
  displayName: v.nullish(v.string()),
  startDateTime: v.nullish(v.string()),
  endDateTime: v.nullish(v.string()),
});

/** A certificate of an application; `key` reads as null and may be written back so. */
export const keyCredentialSchema = v.looseObject({
  keyId: guid,
  displayName: v.nullish(v.string()),
  type: v.string(),
  usage: v.string(),
  key: v.nullish(v.string()),
  startDateTime: v.nullish(v.string()),
  endDateTime: v.nullish(v.string()),
});

/** The properties of an application that the action reads or writes. Source: Graph v1.0, application resource type. */
export const applicationSchema = v.object({
  id: guid,
  appId: guid,
  displayName: v.string(),
  appRoles: v.array(appRoleSchema),
  optionalClaims: v.nullish(
    v.object({
      idToken: v.nullish(v.array(optionalClaimSchema)),
      accessToken: v.nullish(v.array(optionalClaimSchema)),
      saml2Token: v.nullish(v.array(optionalClaimSchema)),
    }),
  ),
  groupMembershipClaims: v.nullish(v.string()),
  web: v.object({ redirectUris: v.array(v.string()) }),
  passwordCredentials: v.array(passwordCredentialSchema),
  keyCredentials: v.optional(v.array(keyCredentialSchema), []),
});

export const selectedProperties = Object.keys(applicationSchema.entries).join(",");

export type Application = v.InferOutput<typeof applicationSchema>;
export type AppRole = v.InferOutput<typeof appRoleSchema>;
export type KeyCredential = v.InferOutput<typeof keyCredentialSchema>;
export type OptionalClaim = v.InferOutput<typeof optionalClaimSchema>;

/** What a PATCH of the application replaces: whole arrays, only those named. */
export interface ApplicationPatch {
  readonly appRoles?: readonly AppRole[];
  readonly optionalClaims?: {
    readonly idToken: readonly OptionalClaim[];
    readonly accessToken: readonly OptionalClaim[];
    readonly saml2Token: readonly OptionalClaim[];
  };
  readonly groupMembershipClaims?: string;
  readonly web?: { readonly redirectUris: readonly string[] };
  readonly keyCredentials?: readonly KeyCredential[];
}

export const newPasswordSchema = v.object({
  keyId: guid,
  secretText: v.pipe(v.string(), v.nonEmpty()),
  endDateTime: v.string(),
});

export const federatedCredentialSchema = v.object({
  id: v.string(),
  name: v.string(),
  issuer: v.string(),
  subject: v.string(),
  audiences: v.array(v.string()),
});
export const federatedCredentialsSchema = v.object({ value: v.array(federatedCredentialSchema) });

export type FederatedCredential = v.InferOutput<typeof federatedCredentialSchema>;

export const servicePrincipalSchema = v.object({
  id: guid,
  appId: guid,
  appRoleAssignmentRequired: v.fallback(v.boolean(), false),
});

export type ServicePrincipal = v.InferOutput<typeof servicePrincipalSchema>;
