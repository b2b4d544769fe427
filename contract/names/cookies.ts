/** Every cookie of the gate starts so; `__Host-` keeps sibling deployments from planting one (RFC 6265bis 4.1.3.2). */
export const cookiePrefix = "__Host-entra-gate-";

export const cookies = {
  /** Site: the ticket with its verifier. */
  siteSession: `${cookiePrefix}session`,
  /** Site: one per sign-in under way; the transaction id follows. */
  siteTransaction: `${cookiePrefix}tx-`,
  /** Host: encrypted session. */
  hostSession: `${cookiePrefix}host`,
  /** Host: one per authorization request under way; the state's id follows. */
  hostTransaction: `${cookiePrefix}htx-`,
} as const;
