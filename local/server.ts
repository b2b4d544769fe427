import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallLog, Service } from "./call-log.ts";
import type { Arrival, Faults, Misbehaviour } from "./faults.ts";
import { LastAnswers } from "./last-answers.ts";

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Which service a request belongs to; decided by host or path. */
  readonly service: (request: IncomingMessage) => Service;
  readonly log: CallLog;
  readonly faults: Faults;
  readonly handler: NodeHandler;
  /** Wanted port; a free one where it is 0, missing or taken. */
  readonly port?: number;
}

/** Starts an HTTP server on loopback that logs each call and misbehaves when told to. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const lastAnswers = new LastAnswers();
  const server = createServer((request, response) => {
    void serve(options, lastAnswers, request, response);
  });
  server.keepAliveTimeout = 1_000;
  await listen(server, options.port ?? 0);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** On loopback; on a free port where the wanted one is taken. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (port !== 0 && error.code === "EADDRINUSE") resolve(listen(server, 0));
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

async function serve(
  options: ServerOptions,
  lastAnswers: LastAnswers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const began = Date.now();
  const arrival: Arrival = {
    service: options.service(request),
    method: request.method ?? "GET",
    host: request.headers.host ?? "",
    path: (request.url ?? "/").split("?")[0] ?? "/",
    agent: request.headers["user-agent"] ?? "",
  };
  const marked = watchBody(response, options.log.marker);
  response.once("close", () => {
    options.log.add({
      at: began,
      ...arrival,
      status: response.statusCode,
      ms: Date.now() - began,
      ...(marked() ? { marked: true } : {}),
    });
  });
  try {
    const fault = options.faults.take(arrival);
    if (fault?.kind === "stale" && lastAnswers.repeat(request, response)) return;
    lastAnswers.keep(request, response);
    if (fault !== undefined && (await misbehave(fault, arrival, request, response))) return;
    await options.handler(request, response);
  } catch (error) {
    const { service, method, path } = arrival;
    process.stderr.write(`stand-in ${service} failed at ${method} ${path}: ${(error as Error).stack}\n`);
    if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
    response.end();
  }
}

/** Looks for a text in what is written to a response, also across two writes; the function tells whether it was there. */
function watchBody(response: ServerResponse, marker: string | undefined): () => boolean {
  if (marker === undefined) return () => false;
  let found = false;
  let tail = "";
  const look = (chunk: unknown): void => {
    if (found || (typeof chunk !== "string" && !(chunk instanceof Uint8Array))) return;
    const text = tail + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1"));
    found = text.includes(marker);
    tail = text.slice(-marker.length);
  };
  for (const name of ["write", "end"] as const) {
    const original = response[name].bind(response) as (...args: unknown[]) => never;
    response[name] = ((...args: unknown[]) => {
      look(args[0]);
      return original(...args);
    }) as never;
  }
  return () => found;
}

/** True where the fault has answered in the stand-in's place. */
async function misbehave(
  fault: Misbehaviour,
  arrival: Arrival,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return false;
    case "answer":
    case "answer-to": {
      const { status, headers, body } = fault.kind === "answer" ? fault : fault.answer(arrival);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(body);
      return true;
    }
    // The first GET of an address has no earlier answer to repeat.
    case "stale":
      return false;
    case "hang":
      return true;
    case "drop-before":
      request.socket.destroy();
      return true;
    case "tell":
      if (fault.when === "before") {
        await fault.tell();
        request.socket.destroy();
        return true;
      }
      response.end = (() => {
        void fault.tell().finally(() => request.socket.destroy());
        return response;
      }) as typeof response.end;
      return false;
    case "drop-after":
      response.end = (() => {
        request.socket.destroy();
        return response;
      }) as typeof response.end;
      return false;
    case "truncate": {
      // The length that the handler is about to announce would be that of the whole answer.
      const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
      response.writeHead = ((status: number, ...rest: unknown[]) => {
        const headers = Object.fromEntries(
          Object.entries((rest.at(-1) ?? {}) as Record<string, string>).filter(
            ([name]) => name.toLowerCase() !== "content-length",
          ),
        );
        return writeHead(status, headers);
      }) as typeof response.writeHead;
      const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse;
      response.end = ((chunk?: unknown) => {
        const body = Buffer.from(chunk === undefined ? "" : (chunk as string | Uint8Array));
        if (!response.headersSent) response.removeHeader("content-length");
        return end(body.subarray(0, Math.floor(body.length / 2)));
      }) as typeof response.end;
      return false;
    }
  }
}
