/** Request headers that tell the code behind who the visitor is. Inbound copies are removed in any spelling. */
export const identityHeaders = {
  principal: "x-ms-client-principal",
  principalId: "x-ms-client-principal-id",
  principalName: "x-ms-client-principal-name",
  principalIdp: "x-ms-client-principal-idp",
  roles: "x-entra-gate-roles",
  groups: "x-entra-gate-groups",
} as const;

/** Every name under these prefixes is the gate's, whether it sets it today or not. */
export const reservedHeaderPrefixes = ["x-ms-client-principal", "x-ms-token-", "x-entra-gate-"] as const;

/** On answers that the gate itself made: the error's code and the reference that is also in the log. */
export const answerHeaders = {
  code: "x-entra-gate-code",
  reference: "x-entra-gate-reference",
} as const;
