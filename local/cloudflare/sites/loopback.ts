import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";

/**
 * Fetches a `*.localhost` URL for a worker: the host is loopback (RFC 6761, section 6.3), the Host header stays, no
 * redirect is followed. There is no other network.
 */
export async function loopbackFetch(request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (url.protocol !== "http:" || !/(^|\.)localhost$/.test(url.hostname))
    throw new TypeError(`${url.host} is not here`);
  const body = Buffer.from(await request.arrayBuffer());
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: "127.0.0.1",
        port: url.port === "" ? 80 : url.port,
        method: request.method,
        path: url.pathname + url.search,
        headers: { ...Object.fromEntries(request.headers), host: url.host, "content-length": body.length },
        agent: false,
      },
      (answer) => {
        const headers = new Headers();
        for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
          headers.append(answer.rawHeaders[at] ?? "", answer.rawHeaders[at + 1] ?? "");
        const status = answer.statusCode ?? 502;
        const empty = [101, 204, 205, 304].includes(status);
        resolve(new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers }));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
