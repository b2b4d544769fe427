import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

export interface Appetite {
  /** Whether a cookie that a URL sets is taken away on its way to the browser. */
  readonly set?: (url: URL, line: string) => boolean;
  /** Whether a URL is asked without any cookie. */
  readonly sent?: (url: URL) => boolean;
}

export interface CookieEater {
  /** For a browser context's `proxy`. */
  readonly server: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A browser that blocks cookies, as servers see it: a proxy that lets everything through but some of them. */
export async function startCookieEater(appetite: Appetite): Promise<CookieEater> {
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "");
    const { cookie, ...others } = incoming.headers;
    const keep = cookie !== undefined && appetite.sent?.(url) !== true;
    const upstream = httpRequest(
      {
        host: "127.0.0.1",
        port: url.port,
        method: incoming.method,
        path: url.pathname + url.search,
        headers: keep ? { ...others, cookie } : others,
        agent: false,
      },
      (answer) => {
        const lines = answer.headers["set-cookie"] ?? [];
        const headers = { ...answer.headers };
        delete headers["set-cookie"];
        const kept = lines.filter((line) => appetite.set?.(url, line) !== true);
        if (kept.length > 0) headers["set-cookie"] = kept;
        outgoing.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(outgoing);
      },
    );
    upstream.once("error", () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
