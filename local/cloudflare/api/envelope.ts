import type { ServerResponse } from "node:http";

/** An answer that is not a success: Cloudflare's code and message, and the HTTP status it comes with. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export interface ApiResult {
  readonly result: unknown;
  readonly resultInfo?: Readonly<Record<string, number>>;
  readonly messages?: readonly { code: number; message: string }[];
}

/** `{success, errors, messages, result}` (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls). */
export function sendResult(response: ServerResponse, { result, resultInfo, messages = [] }: ApiResult): void {
  send(response, 200, {
    result,
    success: true,
    errors: [],
    messages,
    ...(resultInfo === undefined ? {} : { result_info: resultInfo }),
  });
}

export function sendError(response: ServerResponse, { status, code, message, headers }: ApiError): void {
  send(response, status, errorBody(code, message), headers);
}

/** The envelope around an error. */
export function errorBody(code: number, message: string): unknown {
  return { result: null, success: false, errors: [{ code, message }], messages: [] };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export const errors = {
  projectNotFound: () =>
    new ApiError(
      404,
      8000007,
      "Project not found. The specified project name does not match any of your existing projects.",
    ),
  deploymentNotFound: () =>
    new ApiError(
      404,
      8000009,
      "The deployment ID you have specified does not exist. Update the deployment ID and try again.",
    ),
  uploadToken: () => new ApiError(401, 8000013, "Authorization failed"),
  paging: () =>
    new ApiError(400, 8000024, "Invalid list options provided. Review the `page` or `per_page` parameter."),
  aliased: () =>
    new ApiError(
      400,
      8000035,
      "You cannot delete an aliased deployment without a `?force=true` parameter in the API request URL.",
    ),
  authentication: () => new ApiError(403, 10000, "Authentication error"),
  noRoute: () => new ApiError(404, 7000, "No route for that URI"),
  /** Cloudflare's own code for a body that doesn't fit is not published: only the status counts. */
  invalid: (message: string) => new ApiError(400, 8000022, `Invalid request body: ${message}`),
} as const;

/** One page of a list; `maximum` is also what a page holds when the client doesn't say. */
export function paged<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  maximum: number,
  show: (item: Item) => unknown = (item) => item,
): ApiResult {
  const page = Number(query.get("page") ?? 1);
  const perPage = Number(query.get("per_page") ?? maximum);
  if (!Number.isInteger(page) || page < 1 || !Number.isInteger(perPage) || perPage < 1 || perPage > maximum)
    throw errors.paging();
  const result = items.slice((page - 1) * perPage, page * perPage).map(show);
  const total = items.length;
  const resultInfo = {
    page,
    per_page: perPage,
    count: result.length,
    total_count: total,
    total_pages: Math.ceil(total / perPage),
  };
  return { result, resultInfo };
}
