import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { listen } from "../server.ts";
import type { EndPage } from "./end-page.ts";
import { endPageHtml } from "./end-page-html.ts";

/**
 * Serves the page and the evidence files on loopback.
 *
 * @param port the wanted one; a free one where it is taken or 0
 * @returns where it is to be opened
 */
export async function serveEndPage(
  ending: EndPage,
  port: number,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const files = new Map([
    ["/", { type: "text/html", text: endPageHtml(ending) }],
    ...ending.evidence.map(({ name, text }) => [`/${name}`, { type: "application/json", text }] as const),
  ]);
  const server = createServer(({ url = "", method = "" }, response) => {
    const file = files.get(url.split("?")[0] ?? "");
    response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    response.setHeader("content-type", `${file?.type ?? "text/plain"}; charset=utf-8`);
    const reads = method === "GET" || method === "HEAD";
    response.writeHead(reads ? (file === undefined ? 404 : 200) : 405);
    response.end(reads ? (file?.text ?? "Not found") : "Only to be read");
  });
  await listen(server, port);
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
