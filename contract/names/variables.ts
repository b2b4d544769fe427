/** The one binding that a wrapped site reads; it stands alone, since a bundle keeps or leaves an object as a whole. */
export const auditBinding = "GATE_AUDIT";

/** Names of the variables and bindings that a deployment of the gate reads. */
export const variables = {
  role: "GATE_ROLE",
  environment: "GATE_ENVIRONMENT",
  signInOrigin: "GATE_SIGN_IN_ORIGIN",
  signInKeys: "GATE_SIGN_IN_KEYS",
  hostOrigin: "GATE_HOST_ORIGIN",
  tenantId: "ENTRA_TENANT_ID",
  clientId: "ENTRA_CLIENT_ID",
  cloud: "ENTRA_CLOUD",
  authority: "ENTRA_AUTHORITY",
  graphUrl: "GRAPH_URL",
  clientSecret: "ENTRA_CLIENT_SECRET",
  clientKey: "ENTRA_CLIENT_KEY",
  entraKeyId: "GATE_ENTRA_KEY_ID",
  signingActive: "GATE_SIGNING_ACTIVE",
  cookieActive: "GATE_COOKIE_ACTIVE",
  /** The action's own notes about rotation; the host reads none of them. */
  signingNext: "GATE_SIGNING_NEXT",
  signingSince: "GATE_SIGNING_SINCE",
  cookieNext: "GATE_COOKIE_NEXT",
  cookieSince: "GATE_COOKIE_SINCE",
  /** One secret per key, never a list: the key's id follows. */
  signingKeyPrefix: "GATE_SIGNING_KEY_",
  cookieKeyPrefix: "GATE_COOKIE_KEY_",
  database: "GATE_DB",
  audit: auditBinding,
} as const;
