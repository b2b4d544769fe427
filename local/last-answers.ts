import type { IncomingMessage, ServerResponse } from "node:http";

interface Kept {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

const largest = 1_000_000;

/** What each address answered to a GET, so that a replica that is behind can say it again. JSON only. */
export class LastAnswers {
  readonly #kept = new Map<string, Kept>();

  /** Remembers what this response will have said. */
  keep(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "GET") return;
    const chunks: Buffer[] = [];
    for (const name of ["write", "end"] as const) {
      const original = response[name].bind(response) as (...args: unknown[]) => never;
      response[name] = ((...args: unknown[]) => {
        const [chunk] = args;
        if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
        return original(...args);
      }) as never;
    }
    // Headers that writeHead is given can't be asked for afterwards.
    let given: Readonly<Record<string, unknown>> = {};
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
    response.writeHead = ((...args: unknown[]) => {
      given = (args.at(-1) ?? {}) as typeof given;
      return writeHead(...args);
    }) as typeof response.writeHead;
    response.once("finish", () => {
      const type = String(given["content-type"] ?? response.getHeader("content-type") ?? "");
      const body = Buffer.concat(chunks);
      if (type.startsWith("application/json") && body.length <= largest)
        this.#kept.set(addressOf(request), { status: response.statusCode, type, body });
    });
  }

  /** Says it again; false where this address was never asked. */
  repeat(request: IncomingMessage, response: ServerResponse): boolean {
    const kept = request.method === "GET" ? this.#kept.get(addressOf(request)) : undefined;
    if (kept === undefined) return false;
    response.writeHead(kept.status, { "content-type": kept.type });
    response.end(kept.body);
    return true;
  }
}

function addressOf(request: IncomingMessage): string {
  return `${request.headers.host ?? ""}${request.url ?? ""}`;
}
