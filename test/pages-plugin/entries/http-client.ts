import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * One request as it is written: `fetch` would set its own Sec-Fetch-Mode, resolve dot segments and follow redirects.
 *
 * @param port on 127.0.0.1
 * @param host goes into the Host header
 */
export function ask(port: number, host: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body } = asking;
  return new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: { host, ...headers },
      agent: false,
    });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.once("end", () => {
        const pairs: [string, string][] = [];
        for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
          pairs.push([answer.rawHeaders[index] ?? "", answer.rawHeaders[index + 1] ?? ""]);
        }
        resolve({ status: answer.statusCode ?? 0, headers: new Headers(pairs), text });
      });
    });
    sent.end(body);
  });
}
