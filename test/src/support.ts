import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttp, type Http, type HttpDeps } from "../../src/clients/http.ts";
import { nodeTransport } from "../../src/clients/transport.ts";
import { ActionError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

/** A clock that only sleeping moves: nothing waits, and what was waited for can be asked. */
export class FakeTime {
  readonly slept: number[] = [];
  #now: number;
  readonly #onSleep: (milliseconds: number) => void;

  constructor(now = Date.now(), onSleep: (milliseconds: number) => void = () => {}) {
    this.#now = now;
    this.#onSleep = onSleep;
  }

  readonly now = (): number => this.#now;

  readonly sleep = async (milliseconds: number): Promise<void> => {
    this.slept.push(milliseconds);
    this.#now += milliseconds;
    this.#onSleep(milliseconds);
  };
}

export function httpWith(time: FakeTime, changes: Partial<HttpDeps> = {}): Http {
  const end = time.now() + 20 * 60_000;
  return createHttp({
    transport: nodeTransport,
    now: time.now,
    sleep: time.sleep,
    random: () => 0,
    left: () => end - time.now(),
    ...changes,
  });
}

export interface SmallServer {
  readonly url: string;
  readonly requests: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, count: number) => void;

/** A loopback server that answers each request in turn; the last answer repeats. */
export async function answering(host: string, ...answers: readonly Answer[]): Promise<SmallServer> {
  const requests: SmallServer["requests"] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
      });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      answer?.(response, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

export const plain =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

/** The ActionError that something ends with. */
export async function failure(promise: Promise<unknown>): Promise<ActionError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

export interface Recorded extends Log {
  readonly lines: { level: string; text: string }[];
  readonly masked: string[];
}

export function recordingLog(): Recorded {
  const lines: Recorded["lines"] = [];
  const masked: string[] = [];
  const at = (level: string) => (title: string, text?: string) => {
    lines.push({ level, text: text === undefined ? title : `${title}: ${text}` });
  };
  return {
    lines,
    masked,
    info: at("info"),
    notice: at("notice"),
    warning: at("warning"),
    error: at("error"),
    mask: (secret) => masked.push(secret),
    group: (_, work) => work(),
  };
}
