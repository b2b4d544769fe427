/**
 * How a sign-in host without a secret proves itself: it signs a token of its own, and a federated credential of the
 * application trusts exactly this issuer (the host's origin), subject and audience.
 * Source: learn.microsoft.com, "Workload identity federation".
 */
export const hostFederation = {
  /** Value of GATE_ENTRA_KEY_ID that says so. */
  keyId: "federated",
  subject: "entra-gate-sign-in-host",
  audience: "api://AzureADTokenExchange",
} as const;
