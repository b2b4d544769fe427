/** Why a bearer token is refused. What the operator reads stands in bearer.ts, out of a site's bundle. */
export const bearerCodes = [
  "bearer-missing",
  "bearer-several",
  "bearer-malformed",
  "bearer-ticket",
  "bearer-host-session",
  "bearer-unsigned",
  "bearer-algorithm",
  "bearer-tenant",
  "bearer-issuer",
  "bearer-graph-token",
  "bearer-audience",
  "bearer-id-token",
  "bearer-expired",
  "bearer-stale",
  "bearer-not-yet-valid",
  "bearer-kind-unknown",
  "bearer-claims",
  "bearer-key-unknown",
  "bearer-signature",
] as const;

export type BearerErrorCode = (typeof bearerCodes)[number];

/** RFC 6750 section 3.1: a request that can't be read is 400, a token that is no good 401. */
export function bearerStatus(code: string): number {
  return code === "bearer-several" ? 400 : 401;
}
