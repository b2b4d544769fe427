import type { paths } from "@octokit/openapi-types";
import type { GenericSchema, InferOutput } from "valibot";
import type { Repository } from "../state/model.ts";
import type { Grant } from "../tokens/api-tokens.ts";
import type { Level, Scope } from "../tokens/permissions.ts";
import type { Api } from "./model.ts";

/** Part of a published answer: nothing that GitHub doesn't publish, nothing of another type, but not every field. */
export type Part<T> = T extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Part<T[Key]> | undefined }
    : T;

type Path = keyof paths & string;
type Verb = "get" | "post" | "patch" | "put" | "delete";
type Json<Response> = Response extends { content: { "application/json": infer Body } } ? Body : null;
type SuccessOf<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & (200 | 201 | 202 | 204)]: Json<Responses[Status]> }[keyof Responses &
      (200 | 201 | 202 | 204)]
  : never;
type AnswerBody<P extends Path, V extends Verb> = V extends keyof paths[P]
  ? Part<SuccessOf<paths[P][V]>>
  : never;

export interface Answer<Body> {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** Bytes instead of JSON (raw media types), or a redirect. */
export class RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;

  constructor(
    status: number,
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array = new Uint8Array(),
  ) {
    this.status = status;
    this.headers = headers;
    this.bytes = bytes;
  }
}

export interface ApiCall<Body> {
  readonly api: Api;
  /** The address as the caller wrote it; paging links repeat it. */
  readonly url: URL;
  readonly accept: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly grant: Grant;
  /** The repository of the path; on routes without one, reading it throws. */
  readonly repository: Repository;
}

/**
 * Any of these permissions of a job's token will do; `administrator`: no permission that a job can have is enough, and a
 * person has to be the repository's administrator.
 */
export type Needs = readonly (readonly [Scope, Level])[] | "administrator";

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly needs: Needs;
  readonly body: GenericSchema | undefined;
  readonly handle: (
    call: ApiCall<unknown>,
  ) => Promise<Answer<unknown> | RawAnswer> | Answer<unknown> | RawAnswer;
}

/**
 * One operation of GitHub's REST description. Path, verb and answer are checked against @octokit/openapi-types.
 * @param needs what a job's token must be allowed; empty where `metadata: read`, which every token has, is enough
 * @param body the request body's schema, null where there is none
 */
export function route<P extends Path, V extends Verb, Schema extends GenericSchema | null>(
  verb: V,
  path: P,
  needs: Needs,
  body: Schema,
  handle: (
    call: ApiCall<Schema extends GenericSchema ? InferOutput<Schema> : undefined>,
  ) => Promise<Answer<AnswerBody<P, V>> | RawAnswer> | Answer<AnswerBody<P, V>> | RawAnswer,
): Route {
  const names: string[] = [];
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    // A path, a ref and a branch may hold slashes; the others are one segment.
    return ["path", "ref", "branch"].includes(name) ? "(.+)" : "([^/]+)";
  });
  const pattern = new RegExp(`^${source}$`);
  return {
    method: verb.toUpperCase(),
    path,
    pattern,
    names,
    needs,
    body: body ?? undefined,
    handle: handle as Route["handle"],
  };
}

/** The route that an address belongs to; the most specific one, as they are ordered by fixed segments first. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  pathname: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  const candidates = routes.filter((route) => route.method === method && route.pattern.test(pathname));
  const [route] = candidates.sort((a, b) => wildness(a) - wildness(b));
  if (route === undefined) return undefined;
  const values = route.pattern.exec(pathname)?.slice(1) ?? [];
  try {
    const params = route.names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]);
    return { route, params: Object.fromEntries(params) };
  } catch {
    // A percent sign that encodes nothing: no such address.
    return undefined;
  }
}

function wildness(route: Route): number {
  return (
    route.names.length * 10 - route.path.split("/").length + (route.pattern.source.includes("(.+)") ? 100 : 0)
  );
}
