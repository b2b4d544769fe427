/** Everything of the gate's own lives below this prefix, on sites and on the sign-in host. */
export const authPrefix = "/.auth/";

export const siteEndpoints = {
  login: "/.auth/login",
  accept: "/.auth/accept",
  session: "/.auth/session",
  me: "/.auth/me",
  logout: "/.auth/logout",
  signedOut: "/.auth/signed-out",
  status: "/.auth/status",
  card: "/.auth/card.png",
} as const;

export const hostEndpoints = {
  authorize: "/.auth/authorize",
  callback: "/.auth/callback",
  session: "/.auth/session",
  jwks: "/.auth/jwks",
  logout: "/.auth/logout",
  signedOut: "/.auth/signed-out",
  status: "/.auth/status",
  audit: "/.auth/audit",
  /** For Entra alone, where it trusts this host's signature: the one place that OpenID Connect leaves no choice about. */
  discovery: "/.well-known/openid-configuration",
} as const;

/** Where a wrapping gate leaves its decision on the request's `env` object; a symbol, since no variable can forge one. */
export const decisionSymbol = Symbol.for("entra-gate.decision");
