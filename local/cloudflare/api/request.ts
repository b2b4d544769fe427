import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { ApiError, errors } from "./envelope.ts";

/** A request to the API with its path taken apart. */
export interface ApiRequest {
  readonly method: string;
  /** Below `/client/v4`, without slashes at either end. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  body(): Promise<Buffer>;
}

/** @throws ApiError where the path is not below `prefix` */
export function readRequest(request: IncomingMessage, prefix: string): ApiRequest {
  const url = new URL(request.url ?? "/", "http://api");
  if (!url.pathname.startsWith(`${prefix}/`)) throw errors.noRoute();
  const path = url.pathname.slice(prefix.length);
  return {
    method: request.method ?? "GET",
    segments: path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent),
    query: url.searchParams,
    headers: request.headers,
    body: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

/**
 * The JSON body, if it is of this form and nothing else. wrangler sends some of its JSON as text/plain, and Cloudflare
 * takes it; a form is refused.
 *
 * @throws ApiError
 */
export async function jsonBody<S extends v.GenericSchema>(
  request: ApiRequest,
  schema: S,
): Promise<v.InferOutput<S>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^(application\/json|text\/plain)(;|$)/i.test(type))
    throw new ApiError(
      415,
      6003,
      `Invalid request headers: Content-Type is ${type === "" ? "missing" : type}`,
    );
  let json: unknown;
  try {
    json = JSON.parse((await request.body()).toString("utf8"));
  } catch {
    throw new ApiError(400, 6007, "Malformed JSON in request body");
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw errors.invalid(`${v.getDotPath(issue) ?? "body"}: ${issue.message}`);
}
