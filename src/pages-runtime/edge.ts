import { randomBytes } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** Headers of one connection, not of the request (RFC 9110, section 7.6.1); Node makes its own. */
const hopByHop = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"]);

/** Headers that Cloudflare's edge sets on a request; a client's own don't get through it. */
const edgeOnly = /^(cf-|cdn-loop$|true-client-ip$|mf-)/i;

export interface Edge {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What stands in front of a deployment's workers: it sends each request, with its path as it came, to the worker's or
 * to the asset server's own socket. In workerd that choice would cost the path its dot segments. What is below
 * `/cdn-cgi/` is the edge's own, as at Cloudflare, and here there is nothing.
 *
 * @param choose port on 127.0.0.1 of what answers this path
 */
export async function startEdge(choose: (pathname: string) => number): Promise<Edge> {
  const server = createServer((request, response) => {
    const pathname = pathnameOf(request.url ?? "/");
    if (pathname === undefined) response.writeHead(400, { "content-type": "text/plain" }).end("Bad Request");
    else if (pathname.startsWith("/cdn-cgi/")) response.writeHead(404).end();
    else forward(request, response, choose(pathname));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Undefined for what no worker gets to see: `*`, a proxy's absolute form, what is no URL. */
function pathnameOf(target: string): string | undefined {
  const url = `http://edge${target}`;
  return target.startsWith("/") && URL.canParse(url) ? new URL(url).pathname : undefined;
}

/** Hands a request on to 127.0.0.1:`port` and its answer back, with its path and its other headers as they came. */
export function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path } = request;
  const ray = `${randomBytes(8).toString("hex")}-LOC`;
  const headers = requestHeaders(request, ray);
  const upstream = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
    const sent = endToEnd(answer.rawHeaders);
    if (answer.headers["cf-ray"] === undefined) sent.push("server", "cloudflare", "cf-ray", ray);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, sent);
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  upstream.once("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "text/plain" }).end("error code: 502");
  });
  response.once("close", () => upstream.destroy());
  request.pipe(upstream);
}

function requestHeaders(request: IncomingMessage, ray: string): string[] {
  const headers = endToEnd(request.rawHeaders, (name) => !edgeOnly.test(name));
  const hasBody = request.headers["content-length"] ?? request.headers["transfer-encoding"];
  if (hasBody === undefined && !/^(GET|HEAD)$/.test(request.method ?? ""))
    headers.push("content-length", "0");
  headers.push("cf-ray", ray, "cf-connecting-ip", "127.0.0.1", "cf-visitor", '{"scheme":"http"}');
  headers.push("cdn-loop", "cloudflare; loops=1", "connection", "close");
  headers.push("mf-cf-blob", JSON.stringify({ colo: "LOC", country: "XX", httpProtocol: "HTTP/1.1" }));
  return headers;
}

function endToEnd(raw: readonly string[], keep: (name: string) => boolean = () => true): string[] {
  const headers: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (!hopByHop.has(name.toLowerCase()) && keep(name)) headers.push(name, raw[at + 1] ?? "");
  }
  return headers;
}
