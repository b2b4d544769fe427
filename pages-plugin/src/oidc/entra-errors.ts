import type { HostErrorCode } from "../../../contract/errors/host.ts";
import { GateFault } from "../http/fault.ts";

/** `error` values of an authorization response (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6). */
const authorizationErrors: Readonly<Record<string, HostErrorCode>> = {
  access_denied: "entra-access-denied",
  login_required: "entra-interaction-required",
  interaction_required: "entra-interaction-required",
  consent_required: "entra-interaction-required",
  account_selection_required: "entra-interaction-required",
  invalid_request: "entra-request-refused",
  unauthorized_client: "entra-request-refused",
  unsupported_response_type: "entra-request-refused",
  invalid_scope: "entra-request-refused",
  invalid_resource: "entra-request-refused",
  invalid_client: "entra-request-refused",
  temporarily_unavailable: "entra-unavailable",
  server_error: "entra-unavailable",
};

/** AADSTS numbers that have a remedy of their own (learn.microsoft.com, "Microsoft Entra authentication error codes"). */
const aadstsErrors: Readonly<Record<string, HostErrorCode>> = {
  "7000215": "host-secret-wrong",
  "7000222": "host-secret-expired",
  "7000218": "host-secret-missing",
  "70021": "host-federation-unknown",
  "70025": "host-federation-unknown",
  "700211": "host-federation-unknown",
  "700212": "host-federation-unknown",
  "700213": "host-federation-unknown",
  "501661": "host-federation-unknown",
  "700027": "host-certificate-wrong",
  "1000502": "host-certificate-expired",
  "700024": "host-assertion-late",
  "700016": "host-application-unknown",
  "90002": "host-tenant-unknown",
  "50011": "host-redirect-uri-unknown",
};

const tokenErrors: Readonly<Record<string, HostErrorCode>> = {
  invalid_client: "entra-client-refused",
  unauthorized_client: "entra-client-refused",
  invalid_grant: "entra-code-refused",
  interaction_required: "entra-interaction-required",
  consent_required: "entra-interaction-required",
  temporarily_unavailable: "entra-unavailable",
  server_error: "entra-unavailable",
};

/** Codes are a short word of lower-case letters; anything else is the provider's own text and is not repeated. */
function safeWord(error: unknown): string {
  return typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : "of another shape";
}

function lookUp(table: Readonly<Record<string, HostErrorCode>>, key: string): HostErrorCode | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What an authorization response's `error` means. `error_description` is not read: anybody can write it. */
export function errorOfAuthorizationResponse(error: string): GateFault {
  return new GateFault(
    lookUp(authorizationErrors, error) ?? "entra-error-unknown",
    `error ${safeWord(error)}`,
  );
}

/**
 * What an error answer of the token endpoint means (RFC 6749 section 5.2). The kind is decided by `error`; Entra's
 * `error_codes`, numbers beside it, only choose the remedy.
 */
export function errorOfTokenAnswer(status: number, body: Readonly<Record<string, unknown>>): GateFault {
  const error = typeof body["error"] === "string" ? body["error"] : "";
  const numbers = Array.isArray(body["error_codes"]) ? body["error_codes"].filter(Number.isSafeInteger) : [];
  const known = numbers
    .map((number) => lookUp(aadstsErrors, String(number)))
    .find((code) => code !== undefined);
  const detail = [
    `status ${status}`,
    `error ${safeWord(error)}`,
    ...numbers.slice(0, 3).map((n) => `AADSTS${n}`),
  ];
  const code =
    (error === "invalid_grant" ? undefined : known) ??
    lookUp(tokenErrors, error) ??
    (status === 429 || status >= 500 ? "entra-unavailable" : "entra-error-unknown");
  return new GateFault(code, detail.join(", "));
}
