/** State of the tenant, in the words of Graph's application and servicePrincipal resource types (v1.0). */

export interface AppRole {
  readonly id: string;
  readonly value: string | null;
  readonly displayName: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly allowedMemberTypes: readonly ("User" | "Application")[];
}

export interface OptionalClaim {
  readonly name: string;
  readonly source: string | null;
  readonly essential: boolean;
  readonly additionalProperties: readonly string[];
}

export interface OptionalClaims {
  readonly idToken: readonly OptionalClaim[];
  readonly accessToken: readonly OptionalClaim[];
  readonly saml2Token: readonly OptionalClaim[];
}

export interface WebPlatform {
  readonly redirectUris: readonly string[];
  readonly homePageUrl: string | null;
  readonly logoutUrl: string | null;
  readonly implicitGrantSettings: {
    readonly enableIdTokenIssuance: boolean;
    readonly enableAccessTokenIssuance: boolean;
  };
}

export interface ApplicationSecret {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly hint: string;
  /** SHA-256 of the text, in hex: Entra can't show a secret again either. */
  readonly digest: string;
  /** Milliseconds since 1970 from which the token endpoint knows it. */
  readonly usableFrom: number;
}

export interface ApplicationCertificate {
  readonly keyId: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly customKeyIdentifier: string;
  /** Base64 of the DER certificate. */
  readonly key: string;
  /** Milliseconds since 1970 from which the token endpoint knows it. */
  readonly usableFrom: number;
}

export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly [string];
  readonly description: string | null;
  readonly usableFrom: number;
}

/** A delegated permission that an application exposes (Graph v1.0, permissionScope). */
export interface PermissionScope {
  readonly id: string;
  /** What stands in `scp`. */
  readonly value: string;
  readonly isEnabled: boolean;
}

/** The application as an API that others ask tokens for. */
export interface ApiSettings {
  /** Null means 1. */
  readonly requestedAccessTokenVersion: 1 | 2 | null;
  readonly oauth2PermissionScopes: readonly PermissionScope[];
}

export interface Application {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly createdDateTime: string;
  readonly signInAudience: "AzureADMyOrg";
  readonly identifierUris: readonly string[];
  readonly groupMembershipClaims: string | null;
  readonly isFallbackPublicClient: boolean | null;
  readonly appRoles: readonly AppRole[];
  readonly optionalClaims: OptionalClaims | null;
  readonly web: WebPlatform;
  readonly api: ApiSettings;
  readonly requiredResourceAccess: readonly unknown[];
  readonly passwordCredentials: readonly ApplicationSecret[];
  readonly keyCredentials: readonly ApplicationCertificate[];
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly accountEnabled: boolean;
  readonly appRoleAssignmentRequired: boolean;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly createdDateTime: string;
  /** Graph application permissions that an administrator has consented to, e.g. `Application.ReadWrite.OwnedBy`. */
  readonly graphPermissions: readonly string[];
}

export interface User {
  readonly oid: string;
  readonly name: string;
  readonly upn: string;
  readonly kind: "member" | "guest";
  readonly enabled: boolean;
  readonly groups: readonly string[];
}

export interface Group {
  readonly id: string;
  /** Not unique in a tenant. */
  readonly name: string;
  /** False for a Microsoft 365 group or a distribution list, which no token lists as a security group. */
  readonly securityEnabled?: boolean;
}

/** Directory roles that matter to applications. Source: learn.microsoft.com, "Microsoft Entra built-in roles". */
export type DirectoryRole =
  | "Application Developer"
  | "Application Administrator"
  | "Cloud Application Administrator"
  | "Privileged Role Administrator"
  | "Global Administrator";

/** How long a change takes to be seen, in milliseconds of the stand-in's clock. */
export interface Propagation {
  /** Until a changed redirect URI list is honoured at sign-in; 3-5 minutes in the real service. */
  redirectUriMs: number;
  /** Until a new secret is accepted; 4-18 s in the real service [3P]. */
  secretMs: number;
  /** Until Graph's replicas agree on a write; before that, reads go back and forth. */
  readMs: number;
  /** Until a new federated credential is accepted; minutes in the real service. */
  federatedMs: number;
}
