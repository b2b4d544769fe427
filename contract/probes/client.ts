import { createHash } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { loopbackLookup } from "./loopback.ts";

/** One request of the outside check. */
export interface ProbeRequest {
  readonly method: string;
  /** Request target exactly as it goes over the wire; nothing on the way may tidy it up. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded, cut at `bodyLimit`. */
  readonly body: Buffer;
  /** Lower-case hex SHA-256 of the whole decoded body; of the part kept where it was cut. */
  readonly sha256: string;
}

/** More of a body than this is not looked at: files known by digest are known by many places of their content, too. */
export const bodyLimit = 26 * 1024 * 1024;

/** Sends probes to one origin over connections of its own. */
export interface ProbeClient {
  send(request: ProbeRequest): Promise<ProbeAnswer>;
  close(): void;
}

/**
 * Opens a client for one origin. It goes through node:http, which sends a target as it is given: `//`, `%2f` and dot
 * segments arrive at the server as written, which no URL parser and no `fetch` would allow.
 *
 * @param origin scheme, host and port; `.localhost` is taken to loopback
 * @param timeout milliseconds for one whole exchange
 */
export function openProbeClient(origin: string, timeout: number): ProbeClient {
  const { protocol, hostname, port, host } = new URL(origin);
  const secure = protocol === "https:";
  const options = { keepAlive: true, maxSockets: 8, lookup: loopbackLookup };
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const open = secure ? httpsRequest : httpRequest;
  return {
    close: () => agent.destroy(),
    send: ({ method, target, headers }) =>
      new Promise((resolve, reject) => {
        const request = open(
          {
            agent,
            lookup: loopbackLookup,
            hostname,
            port: port === "" ? undefined : port,
            method,
            path: target,
            headers: { host, "accept-encoding": "identity", accept: "*/*", ...headers, ...lengthOf(method) },
            maxHeaderSize: 64 * 1024,
          },
          (response) => {
            const chunks: Buffer[] = [];
            let size = 0;
            response.on("data", (chunk: Buffer) => {
              if (size < bodyLimit) chunks.push(chunk);
              size += chunk.length;
            });
            response.once("error", reject);
            response.once("end", () => {
              clearTimeout(timer);
              const body = decoded(Buffer.concat(chunks), response.headers["content-encoding"]);
              const sha256 = createHash("sha256").update(body).digest("hex");
              resolve({ status: response.statusCode ?? 0, headers: response.headers, body, sha256 });
            });
          },
        );
        const timer = setTimeout(
          () => request.destroy(new Error(`no full answer within ${timeout} ms`)),
          timeout,
        );
        request.once("error", (error) => {
          clearTimeout(timer);
          reject(error);
        });
        request.end();
      }),
  };
}

function lengthOf(method: string): Record<string, string> {
  return method === "POST" ? { "content-length": "0" } : {};
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  try {
    if (encoding === "gzip") return gunzipSync(body, { maxOutputLength: bodyLimit });
    if (encoding === "br") return brotliDecompressSync(body, { maxOutputLength: bodyLimit });
    if (encoding === "deflate") return inflateSync(body, { maxOutputLength: bodyLimit });
  } catch {
    return body;
  }
  return body;
}
