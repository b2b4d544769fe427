import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { Miniflare, NoOpLog } from "miniflare";

export interface SqlStatement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

export interface SqlResult {
  readonly success: true;
  readonly results: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** The name by which the REST API's own calls say which database they mean. */
const restBinding = "rest";

/** One workerd that owns all databases of the account; started when the first one is needed. */
export class D1Host {
  #running: Promise<{ readonly miniflare: Miniflare; readonly url: URL }> | undefined;

  /** Where a deployment's bindings speak D1's protocol. @param bindings name of the binding to the database's uuid */
  async endpoint(bindings: Readonly<Record<string, string>>): Promise<string> {
    const { url } = await this.#start();
    const endpoint = new URL(url);
    for (const [name, uuid] of Object.entries(bindings)) endpoint.searchParams.set(name, uuid);
    return endpoint.href;
  }

  /** Runs statements in one transaction. @throws Error with SQLite's message */
  async run(
    uuid: string,
    statements: readonly SqlStatement[],
    format: "objects" | "rows",
  ): Promise<SqlResult[]> {
    const resultsFormat = format === "rows" ? "ROWS_AND_COLUMNS" : "ARRAY_OF_OBJECTS";
    const answer = await fetch(await this.endpoint({ [restBinding]: uuid }), {
      method: "POST",
      headers: { "mf-binding": restBinding, "mf-url": `http://d1/query?resultsFormat=${resultsFormat}` },
      body: JSON.stringify(statements),
    });
    const body = (await answer.json()) as SqlResult[] | { readonly error: string };
    if (!Array.isArray(body)) throw new Error((body as { error: string }).error);
    return body;
  }

  async close(): Promise<void> {
    const running = await this.#running;
    await running?.miniflare.dispose();
  }

  #start(): Promise<{ readonly miniflare: Miniflare; readonly url: URL }> {
    this.#running ??= startMiniflare();
    return this.#running;
  }
}

async function startMiniflare(): Promise<{ readonly miniflare: Miniflare; readonly url: URL }> {
  const source = await readFile(join(import.meta.dirname, "object.ts"), "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm", target: "es2024" });
  const miniflare = new Miniflare({
    cf: false,
    enableDevRegistry: false,
    host: "127.0.0.1",
    port: 0,
    log: new NoOpLog(),
    logRequests: false,
    workers: [
      {
        config: {
          name: "d1",
          compatibilityDate: "2026-11-01",
          manifest: { mainModule: "object.js", modules: { "object.js": { type: "esm", contents: code } } },
          env: { DATABASES: { type: "durable-object", worker: "d1", exportName: "Database" } },
          exports: { Database: { type: "durable-object", storage: "sqlite" } },
        },
        dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
      },
    ],
  });
  await miniflare.ready;
  return { miniflare, url: await miniflare.unsafeGetDirectURL("d1") };
}
