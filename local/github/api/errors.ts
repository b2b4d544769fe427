import type { FaultAnswer } from "../../faults.ts";

const documentation = "https://docs.github.com/rest";

/** An answer other than success, in GitHub's error body. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    errors?: readonly unknown[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }

  body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      documentation_url: documentation,
      status: String(this.status),
    };
  }
}

export const notFound = () => new ApiError(404, "Not Found");
export const badCredentials = () => new ApiError(401, "Bad credentials");
export const requiresAuthentication = () => new ApiError(401, "Requires authentication");
export const notAccessible = (accepted: string) =>
  new ApiError(403, "Resource not accessible by integration", undefined, {
    "x-accepted-github-permissions": accepted,
  });

/** A value that GitHub's own checks refuse: 422 with the field named. */
export function validationFailed(resource: string, field: string, message: string): ApiError {
  return new ApiError(422, "Validation Failed", [{ resource, field, code: "custom", message }]);
}

/**
 * What a caller gets who writes too fast, for `Faults.add({ service: "github", what: secondaryRateLimit(60) })`.
 * @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export function secondaryRateLimit(retryAfterSeconds: number): FaultAnswer & { readonly kind: "answer" } {
  const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return {
    kind: "answer",
    status: 403,
    headers: { "retry-after": String(retryAfterSeconds), "x-ratelimit-remaining": "4999" },
    body: JSON.stringify({ message, documentation_url: documentation, status: "403" }),
  };
}
