import { appendFileSync } from "node:fs";

export type Service = "entra" | "graph" | "cloudflare" | "site" | "github" | "runner";

/** One request that a stand-in answered, or one line that a deployment printed. Never a secret, a token or a body. */
export interface Call {
  readonly at: number;
  readonly service: Service;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** Who asked, as its `User-Agent` says it; empty where it says nothing. */
  readonly agent: string;
  /** The answer's body held the log's marker: the site's content, whatever the status. */
  readonly marked?: true;
}

/** Every call to every stand-in, in memory and, where a file is given, as one JSON line each. */
export class CallLog {
  readonly calls: Call[] = [];
  /** Text that only the site's content holds; answers that carry it are marked. */
  readonly marker: string | undefined;
  readonly #file: string | undefined;

  constructor(file?: string, marker?: string) {
    this.#file = file;
    this.marker = marker;
  }

  add(call: Call): void {
    this.calls.push(call);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(call)}\n`);
  }

  /** How many calls a service answered, those that `where` accepts. */
  count(service: Service, where: (call: Call) => boolean = () => true): number {
    return this.calls.filter((call) => call.service === service && where(call)).length;
  }
}
