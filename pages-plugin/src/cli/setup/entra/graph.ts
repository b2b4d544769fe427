import * as v from "valibot";
import type { HttpAnswer, HttpRequest } from "../../../../../src/clients/http.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied } from "../step.ts";
import { permissionFor } from "./permission-names.ts";

/** Graph refused for another reason than a missing right. */
export class GraphRefused extends CommandFault {
  readonly status: number;

  constructor(status: number, said: string) {
    super("graph-refused", said);
    this.status = status;
  }
}

export interface Call {
  /** Path below `/v1.0`, with real ids. */
  readonly path: string;
  /** The same as in Graph's documentation, for people: `/applications/{id}`. */
  readonly name: string;
}

export interface Graph {
  /** @returns undefined where Graph knows none (yet) */
  get<S extends v.GenericSchema>(call: Call, schema: S): Promise<v.InferOutput<S> | undefined>;
  /** All of a collection, page by page. */
  list<S extends v.GenericSchema>(call: Call, item: S): Promise<v.InferOutput<S>[]>;
  send(method: "POST" | "PATCH" | "DELETE", call: Call, body?: unknown): Promise<unknown>;
}

const errorSchema = v.object({ error: v.object({ code: v.string(), message: v.fallback(v.string(), "") }) });

/**
 * Microsoft Graph v1.0 as the person who runs the command. All throw Denied (403), GraphRefused, CommandFault login-missing
 * (401) and graph-unreadable, and let ActionError service-* of the HTTP client pass.
 */
export function graphOf(context: SetupContext): Graph {
  const { http, logins, origins } = context;

  async function ask(method: HttpRequest["method"], call: Call, body?: unknown): Promise<HttpAnswer> {
    return http.send({
      service: "Microsoft Graph",
      call: `${method} ${call.name}`,
      method,
      url: `${origins.graph}/v1.0${call.path}`,
      headers: {
        authorization: `Bearer ${await logins.token("entra")}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      expect: "json",
    });
  }

  return {
    async get(call, schema) {
      const answer = await ask("GET", call);
      if (answer.status === 404) return undefined;
      return read(answer, `GET ${call.name}`, schema);
    },
    async list(call, item) {
      const page = v.object({ value: v.array(item), "@odata.nextLink": v.optional(v.string()) });
      const all: v.InferOutput<typeof item>[] = [];
      let next: Call | undefined = call;
      for (let pages = 0; next !== undefined; pages += 1) {
        const at: Call = next;
        // Of something that is there: a replica that doesn't know it yet is asked again.
        const answer = await eventually(context, async () =>
          read(await ask("GET", at), `GET ${at.name}`, page),
        );
        all.push(...answer.value);
        next = nextPage(answer["@odata.nextLink"], call, origins.graph);
        if (pages === mostPages) throw unreadable(call, "has no end");
      }
      return all;
    },
    async send(method, call, body) {
      const answer = await ask(method, call, body);
      refuseFailure(answer, `${method} ${call.name}`);
      return answer.status === 204 ? undefined : answer.json();
    },
  };
}

/** Of a hundred each. */
const mostPages = 500;

/** The token goes where the first page came from, and nowhere else. */
function nextPage(link: string | undefined, call: Call, origin: string): Call | undefined {
  if (link === undefined) return undefined;
  if (!link.startsWith(`${origin}/v1.0/`)) throw unreadable(call, "goes on elsewhere");
  return { path: link.slice(`${origin}/v1.0`.length), name: call.name };
}

function unreadable(call: Call, why: string): CommandFault {
  return new CommandFault("graph-unreadable", `Microsoft Graph, GET ${call.name}: the list ${why}.`);
}

function read<S extends v.GenericSchema>(answer: HttpAnswer, call: string, schema: S): v.InferOutput<S> {
  refuseFailure(answer, call);
  return parsed(answer.json(), call, schema);
}

/** @throws CommandFault graph-unreadable naming what is odd */
export function parsed<S extends v.GenericSchema>(value: unknown, call: string, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const places = result.issues.map((issue) => v.getDotPath(issue) ?? "body").join(", ");
  throw new CommandFault("graph-unreadable", `Microsoft Graph, ${call}: odd or missing: ${places}.`);
}

function refuseFailure(answer: HttpAnswer, call: string): void {
  if (answer.status < 400) return;
  const said = `Microsoft Graph, ${call}: status ${answer.status}, ${errorOf(answer)}`;
  if (answer.status === 401)
    throw new CommandFault("login-missing", `${said}. The login has ended: run \`az login\` again.`);
  if (answer.status === 403)
    throw new Denied(
      `${said.replace(/\.?$/, ".")} The token needs ${permissionFor(call)}, and the person a role that allows it.`,
    );
  throw new GraphRefused(answer.status, said);
}

function errorOf(answer: HttpAnswer): string {
  try {
    const { code, message } = v.parse(errorSchema, answer.json()).error;
    return message === "" ? code : `${code}, ${message.slice(0, 300)}`;
  } catch {
    return "an answer without an error code";
  }
}

const pause = 2_000;

/**
 * Does again what a replica refuses because it lags behind: 404, or 400 for a reference, to what was just made; 409, or 400,
 * for what is there already, which the next read of `work` may show.
 */
export async function eventually<T>(context: SetupContext, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      const lagging = thrown instanceof GraphRefused && [400, 404, 409].includes(thrown.status);
      if (!lagging || attempt === 5) throw thrown;
      await context.sleep(pause * attempt);
    }
  }
}

/**
 * Waits until something new is seen by three reads in a row: replicas answer in turn.
 * @returns the last read; undefined where it never came
 */
export async function untilSeen<T>(
  context: SetupContext,
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let seen: T | undefined;
  for (let reads = 0, inRow = 0; inRow < 3 && reads < 80; reads += 1) {
    if (reads > 0) await context.sleep(pause / 4);
    seen = await read();
    inRow = seen === undefined ? 0 : inRow + 1;
  }
  return seen;
}
