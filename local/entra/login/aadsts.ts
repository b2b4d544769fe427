import { randomUUID } from "node:crypto";

/**
 * OAuth error and HTTP status that go with a code at the token endpoint.
 * Source: learn.microsoft.com, "Microsoft Entra authentication and authorization error codes".
 */
const table = {
  16000: ["interaction_required", 400],
  28000: ["invalid_scope", 400],
  50011: ["invalid_request", 400],
  50013: ["invalid_grant", 400],
  50027: ["invalid_request", 400],
  50034: ["invalid_grant", 400],
  50057: ["invalid_grant", 400],
  50058: ["login_required", 400],
  50105: ["invalid_grant", 400],
  50148: ["invalid_grant", 400],
  50194: ["invalid_request", 400],
  54005: ["invalid_grant", 400],
  65001: ["consent_required", 400],
  65004: ["access_denied", 400],
  70000: ["invalid_grant", 400],
  70003: ["unsupported_grant_type", 400],
  70008: ["invalid_grant", 400],
  70011: ["invalid_scope", 400],
  70021: ["invalid_client", 401],
  70025: ["invalid_client", 401],
  90002: ["invalid_request", 400],
  90013: ["invalid_request", 400],
  90014: ["invalid_request", 400],
  90023: ["invalid_request", 400],
  500011: ["invalid_resource", 400],
  500112: ["invalid_client", 400],
  501051: ["invalid_grant", 400],
  501481: ["invalid_grant", 400],
  501491: ["invalid_request", 400],
  501661: ["invalid_request", 400],
  700016: ["unauthorized_client", 400],
  700021: ["invalid_client", 401],
  700023: ["invalid_client", 401],
  700024: ["invalid_client", 401],
  700027: ["invalid_client", 401],
  700054: ["unsupported_response_type", 400],
  700211: ["invalid_client", 401],
  700212: ["invalid_client", 401],
  700213: ["invalid_client", 401],
  900144: ["invalid_request", 400],
  900382: ["invalid_request", 400],
  900561: ["invalid_request", 400],
  901002: ["invalid_request", 400],
  1002012: ["invalid_scope", 400],
  7000112: ["unauthorized_client", 400],
  7000215: ["invalid_client", 401],
  7000218: ["invalid_client", 401],
  7000222: ["invalid_client", 401],
  7000229: ["unauthorized_client", 400],
  7002138: ["invalid_client", 401],
  9002326: ["invalid_request", 400],
  9002331: ["invalid_request", 400],
} as const satisfies Record<number, readonly [string, number]>;

export type AadstsCode = keyof typeof table;

/** A refusal as Entra words it: `AADSTS…: message`. */
export class AadstsError extends Error {
  readonly code: AadstsCode;
  readonly traceId = randomUUID();
  readonly correlationId = randomUUID();
  readonly timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;

  constructor(code: AadstsCode, message: string) {
    super(`AADSTS${code}: ${message}`);
    this.name = "AadstsError";
    this.code = code;
  }

  /** The OAuth error code (RFC 6749 section 5.2, OpenID Connect Core 3.1.2.6). */
  get oauthError(): string {
    return table[this.code][0];
  }

  get status(): number {
    return table[this.code][1];
  }

  get description(): string {
    return `${this.message} Trace ID: ${this.traceId} Correlation ID: ${this.correlationId} Timestamp: ${this.timestamp}`;
  }

  /** The body that the token endpoint answers with. */
  body(authority: string): Record<string, unknown> {
    return {
      error: this.oauthError,
      error_description: this.description,
      error_codes: [this.code],
      timestamp: this.timestamp,
      trace_id: this.traceId,
      correlation_id: this.correlationId,
      error_uri: `${authority}/error?code=${this.code}`,
    };
  }
}
