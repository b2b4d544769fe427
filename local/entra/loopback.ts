import { request } from "node:http";

/**
 * GETs JSON from a `*.localhost` server. Node's resolver knows no such names (RFC 6761 says they are loopback), and
 * nothing else is to be reached from the stand-in.
 * @throws Error where the host is another, doesn't answer within 5 s, or answers with anything but 200 and JSON
 */
export async function getLoopbackJson(url: string): Promise<unknown> {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const local = hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "127.0.0.1";
  if (protocol !== "http:" || !local) throw new Error(`not a local address: ${url}`);
  const body = await new Promise<string>((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port: port || 80, path: pathname + search, headers: { host }, timeout: 5_000 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(chunks).toString("utf8"));
          else reject(new Error(`${url} answered ${answer.statusCode}`));
        });
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`${url} did not answer`)));
    asked.on("error", reject);
    asked.end();
  });
  return JSON.parse(body);
}
