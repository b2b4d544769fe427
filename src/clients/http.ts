import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { ActionError } from "../errors.ts";
import { type Transport, TransportFault, type WireAnswer } from "./transport.ts";

export interface HttpRequest {
  /** Whom the operator knows it as: `Microsoft Graph`. */
  readonly service: string;
  /** What was asked, in words or as in the service's documentation; no secret: `PATCH /applications/{id}`. */
  readonly call: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whether doing it twice is the same as once. Default: everything but POST. */
  readonly idempotent?: boolean;
  /** Milliseconds for one attempt. Default 30 s. */
  readonly timeout?: number;
  /** Default 8 MiB. */
  readonly maxBytes?: number;
  /** `json`: an answer below 500 with another body counts as garbled, and one below 400 without any. Default `any`. */
  readonly expect?: "json" | "any";
  /** How often at most. Default 6. */
  readonly attempts?: number;
}

export interface HttpAnswer extends WireAnswer {
  text(): string;
  /** @throws SyntaxError where the body is not JSON; after `expect: "json"` only where there is none */
  json(): unknown;
}

export interface HttpDeps {
  readonly transport: Transport;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to 1, for jitter. */
  random(): number;
  /** Milliseconds that are left of the whole run. */
  left(): number;
}

export interface Http {
  /**
   * Sends a request, as often as that is allowed and helps. Answers of any status but those it gives up on come back.
   * @throws ActionError service-unreachable, service-failing, service-throttled, service-answer-unreadable,
   *   service-answer-too-large, deadline-exceeded
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

type Judgement =
  | { readonly kind: "answer"; readonly answer: HttpAnswer }
  | { readonly kind: "again"; readonly error: ActionError; readonly wait?: number };

/** Cloudflare's block lasts five minutes; whoever asks for more than that is not waited for. */
const longestWait = 300_000;

/**
 * The one way in which the action talks HTTP. A request is tried again where the service asked for patience (429, 503
 * with a time, GitHub's 403 with a limit) or it never got there; after any other fault only if it is idempotent.
 * Source: RFC 9110 sections 9.2.2 and 10.2.3; Graph and GitHub, "throttling" and "rate limits".
 */
export function createHttp(deps: HttpDeps): Http {
  return {
    async send(request) {
      const attempts = request.attempts ?? 6;
      for (let attempt = 1; ; attempt += 1) {
        const left = deps.left();
        if (left <= 0) throw failed("deadline-exceeded", request);
        const judged = await attemptOnce(request, deps, left);
        if (judged.kind === "answer") return judged.answer;
        if (attempt >= attempts) throw judged.error;
        const wait = judged.wait ?? backoff(attempt, deps.random());
        if (wait > longestWait || wait >= deps.left()) throw judged.error;
        await deps.sleep(wait);
      }
    },
  };
}

async function attemptOnce(request: HttpRequest, deps: HttpDeps, left: number): Promise<Judgement> {
  const idempotent = request.idempotent ?? request.method !== "POST";
  let wire: WireAnswer;
  try {
    wire = await deps.transport({
      method: request.method,
      url: new URL(request.url),
      headers: { "user-agent": "entra-gate", accept: "application/json", ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      timeout: Math.min(request.timeout ?? 30_000, left),
      maxBytes: request.maxBytes ?? 8 * 1024 * 1024,
      fresh: !idempotent,
    });
  } catch (thrown) {
    return afterFault(thrown, request, idempotent);
  }
  const answer = readable(wire);
  const again = (error: ActionError): Judgement => {
    if (idempotent) return { kind: "again", error };
    throw error;
  };
  const patience = patienceAsked(wire, deps.now());
  // A 503 without a time can come from anything on the way, after the request took effect.
  if (patience !== undefined && (idempotent || wire.status !== 503 || patience > 0)) {
    const seconds = patience > 0 ? `, asks for ${Math.ceil(patience / 1000)} s` : "";
    const error = failed("service-throttled", request, `status ${wire.status}${seconds}`);
    return { kind: "again", error, ...(patience > 0 ? { wait: patience } : {}) };
  }
  if (wire.status >= 500) return again(failed("service-failing", request, `status ${wire.status}`));
  if (request.expect === "json" && !isJson(answer))
    return again(failed("service-answer-unreadable", request, describe(wire)));
  return { kind: "answer", answer };
}

function afterFault(thrown: unknown, request: HttpRequest, idempotent: boolean): Judgement {
  if (!(thrown instanceof TransportFault)) throw thrown;
  if (thrown.kind === "too-large") throw failed("service-answer-too-large", request, thrown.message);
  const error = failed("service-unreachable", request, thrown.message, thrown);
  if (idempotent || thrown.kind === "connect") return { kind: "again", error };
  throw error;
}

/**
 * How long the service asks to be left alone, in milliseconds; 0 where it names no time; undefined where it doesn't
 * ask. Times count from its own clock where it sent one.
 */
export function patienceAsked(answer: WireAnswer, now: number): number | undefined {
  const { status, headers } = answer;
  const limited = headers["x-ratelimit-remaining"] === "0";
  const retryAfter = headers["retry-after"];
  const githubLimit = status === 403 && (limited || retryAfter !== undefined);
  if (status !== 429 && status !== 503 && !githubLimit) return undefined;
  if (retryAfter !== undefined) {
    if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
    const until = Date.parse(retryAfter);
    if (!Number.isNaN(until)) return Math.max(0, until - dateOf(headers, now));
  }
  const reset = Number(headers["x-ratelimit-reset"]);
  if (limited && reset > 0) return Math.max(0, reset * 1000 - dateOf(headers, now));
  return 0;
}

function dateOf(headers: WireAnswer["headers"], now: number): number {
  const date = Date.parse(headers["date"] ?? "");
  return Number.isNaN(date) ? now : date;
}

/** Half a second, doubled each time up to 8 s, plus up to as much again. */
function backoff(attempt: number, random: number): number {
  return Math.min(8_000, 500 * 2 ** (attempt - 1)) * (1 + random);
}

function readable(wire: WireAnswer): HttpAnswer {
  const text = (): string => new TextDecoder().decode(wire.body);
  return { ...wire, text, json: () => JSON.parse(text()) as unknown };
}

function isJson(answer: HttpAnswer): boolean {
  if (answer.status === 204 || answer.status === 304 || (answer.status >= 400 && answer.body.length === 0))
    return true;
  try {
    answer.json();
    return true;
  } catch {
    return false;
  }
}

function describe(wire: WireAnswer): string {
  return `status ${wire.status}, ${wire.headers["content-type"] ?? "no content type"}, ${wire.body.length} bytes, not JSON`;
}

/** `Microsoft Graph, PATCH /applications/{id}, graph.microsoft.com: status 500`. The query is left out. */
function failed(code: ActionErrorCode, request: HttpRequest, what?: string, cause?: Error): ActionError {
  const { service, call } = request;
  const detail = `${service}, ${call}, ${new URL(request.url).host}${what === undefined ? "" : `: ${what}`}`;
  return new ActionError(code, detail, {
    asked: { service, call },
    ...(cause === undefined ? {} : { cause }),
  });
}
