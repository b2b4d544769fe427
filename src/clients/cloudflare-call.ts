import * as v from "valibot";
import type { ActionError } from "../errors.ts";
import { type Named, type Refusal, unreadable } from "./cloudflare-errors.ts";

/** One call to Cloudflare's API, below the account. */
export interface Call extends Named {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly idempotent?: boolean;
}

export interface Result {
  readonly value: unknown;
  /** Of a list, where Cloudflare says. */
  readonly totalPages: number | undefined;
  readonly total: number | undefined;
}

/** How calls are made; each is tried again where that helps. */
export interface Caller {
  send(call: Call): Promise<Result | Refusal>;
  /** @throws ActionError cloudflare-*, service-* */
  ask<S extends v.GenericSchema>(call: Call, schema: S): Promise<v.InferOutput<S>>;
  /** Which error a refusal is. */
  explained(call: Call, refusal: Refusal): Promise<ActionError>;
}

/** @throws ActionError service-answer-unreadable */
export function parse<S extends v.GenericSchema>(call: Call, schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const places = parsed.issues.map((issue) => v.getDotPath(issue) ?? "result").join(", ");
  throw unreadable(call, `odd or missing: ${places}`);
}

/** Path of a Pages project below the account. */
export function projectPath(name: string): string {
  return `/pages/projects/${encodeURIComponent(name)}`;
}
