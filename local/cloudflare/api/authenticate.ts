import type { Clock } from "../../clock.ts";
import type { ApiToken } from "../options.ts";
import { ApiError, type ApiResult, errors } from "./envelope.ts";
import type { ApiRequest } from "./request.ts";

/** 1,200 requests in five minutes (developers.cloudflare.com/fundamentals/api/reference/limits). */
const limit = { requests: 1_200, windowMs: 300_000 };

/** Bearer tokens: who may call, and how often. */
export class Authenticator {
  readonly #tokens: readonly ApiToken[];
  readonly #clock: Clock;
  readonly #windows = new Map<string, { since: number; count: number }>();

  constructor(tokens: readonly ApiToken[], clock: Clock) {
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /** @throws ApiError where the token isn't known, isn't active or may not do this */
  authorize(request: ApiRequest, permission: "pages" | "d1"): void {
    const token = this.#token(request);
    if (token === undefined || (token.status ?? "active") !== "active") throw errors.authentication();
    this.#count(token);
    const reads = request.method === "GET" && token.permissions.includes(`${permission}:read`);
    if (!reads && !token.permissions.includes(permission)) throw errors.authentication();
  }

  /** `/user/tokens/verify` knows a user's tokens only, `/accounts/{id}/tokens/verify` the account's. */
  verify(request: ApiRequest, kind: ApiToken["kind"]): ApiResult {
    const token = this.#token(request);
    if (token === undefined || token.kind !== kind) throw new ApiError(401, 1000, "Invalid API Token");
    this.#count(token);
    const status = token.status ?? "active";
    const message = `This API Token is valid and ${status}`;
    return {
      result: {
        id: `token-${this.#tokens.indexOf(token)}`,
        status,
        ...(token.expiresOn === undefined ? {} : { expires_on: token.expiresOn }),
      },
      messages: [{ code: 10000, message }],
    };
  }

  #token(request: ApiRequest): ApiToken | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined)
      throw new ApiError(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
    const value = /^Bearer ([\w.~+/-]+=*)$/.exec(authorization)?.[1];
    if (value === undefined) throw new ApiError(400, 6003, "Invalid request headers");
    return this.#tokens.find((token) => token.value === value);
  }

  #count(token: ApiToken): void {
    const now = this.#clock.now();
    const open = this.#windows.get(token.value);
    const window = open === undefined || now - open.since >= limit.windowMs ? { since: now, count: 0 } : open;
    this.#windows.set(token.value, window);
    window.count += 1;
    if (window.count <= limit.requests) return;
    const seconds = Math.ceil((window.since + limit.windowMs - now) / 1_000);
    throw new ApiError(429, 971, "Please wait and consider throttling your request speed", {
      "retry-after": String(seconds),
    });
  }
}
