import { type BaseIssue, type GenericSchema, safeParse } from "valibot";
import { ApiError } from "./errors.ts";

/**
 * A request body as an endpoint's description allows it.
 * @throws ApiError 400 where it isn't JSON, 422 for an unknown, missing or mistyped field
 */
export function readBody(schema: GenericSchema, bytes: Uint8Array, contentType: string): unknown {
  if (bytes.byteLength > 0 && !/^application\/([\w.+-]+\+)?json\b/.test(contentType)) {
    throw new ApiError(415, "Unsupported 'Content-Type'");
  }
  let json: unknown = {};
  try {
    if (bytes.byteLength > 0) json = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new ApiError(400, "Problems parsing JSON");
  }
  const result = safeParse(schema, json);
  if (result.success) return result.output;
  const complaints = result.issues.map(complaint).join("\n");
  throw new ApiError(422, `Invalid request.\n\n${complaints}`);
}

function complaint(issue: BaseIssue<unknown>): string {
  const keys = issue.path?.map((part) => String(part.key)) ?? [];
  const last = keys.at(-1) ?? "";
  if (issue.type === "strict_object" && issue.expected === "never")
    return `"${last}" is not a permitted key.`;
  if (issue.expected?.startsWith('"') === true && issue.received === "undefined")
    return `"${last}" wasn't supplied.`;
  return `For '${["properties", ...keys].join("/")}', ${issue.received} is not ${issue.expected}.`;
}
