import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { isLocalhost, loopbackLookup } from "../../contract/probes/loopback.ts";

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for the whole exchange, the body included. */
  readonly timeout: number;
  /** Bytes of body that are accepted. */
  readonly maxBytes: number;
  /** On a connection of its own: one that was kept may be closed by the service in the very moment it is used. */
  readonly fresh?: boolean;
}

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case; several of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One exchange, no redirect followed, nothing tried again. Rejects with TransportFault. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** Why there is no answer. `connect`: the request surely never reached the service. */
export class TransportFault extends Error {
  override readonly name = "TransportFault";
  readonly kind: "connect" | "broken" | "timeout" | "too-large";

  constructor(kind: TransportFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

const agents = {
  "http:": new HttpAgent({ keepAlive: true, maxSockets: 16, lookup: loopbackLookup }),
  "https:": new HttpsAgent({ keepAlive: true, maxSockets: 16, lookup: loopbackLookup }),
};

/** The transport over node:http and node:https. Plain http goes to loopback only. */
export const nodeTransport: Transport = (wire) =>
  new Promise((resolve, reject) => {
    const { url } = wire;
    const plain = url.protocol === "http:";
    if (plain && !isLocalhost(url.hostname) && !isLoopbackAddress(url.hostname)) {
      reject(new TransportFault("connect", "plain http is for .localhost only"));
      return;
    }
    const open = plain ? httpRequest : httpsRequest;
    const request = open(url, {
      method: wire.method,
      headers: { ...wire.headers, ...lengthOf(wire) },
      agent: wire.fresh === true ? false : agents[plain ? "http:" : "https:"],
      lookup: loopbackLookup,
    });
    const timer = setTimeout(
      () => request.destroy(new TransportFault("timeout", `no full answer within ${wire.timeout} ms`)),
      wire.timeout,
    );
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      work();
    };
    request.once("error", (error) => settle(() => reject(faultOf(error))));
    request.once("response", (response) => {
      readBody(response, wire.maxBytes).then(
        (body) =>
          settle(() => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body })),
        (error: Error) => {
          settle(() => reject(faultOf(error)));
          request.destroy();
        },
      );
    });
    request.end(wire.body);
  });

function isLoopbackAddress(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) !== 0 && (bare === "::1" || bare.startsWith("127."));
}

function lengthOf(wire: WireRequest): Record<string, string> {
  if (wire.body === undefined) return {};
  return { "content-length": String(Buffer.byteLength(wire.body)) };
}

function headersOf(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headersDistinct).map(([name, values]): [string, string] => [
    name,
    (values ?? []).join(", "),
  ]);
  return Object.fromEntries(entries);
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TransportFault("too-large", `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const neverConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function faultOf(error: Error & { readonly code?: string }): TransportFault {
  if (error instanceof TransportFault) return error;
  const connect = neverConnected.has(error.code ?? "");
  return new TransportFault(connect ? "connect" : "broken", error.code ?? error.message);
}
