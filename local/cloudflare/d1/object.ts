/**
 * The worker that keeps D1 databases, one SQLite-backed Durable Object each, and speaks the protocol of D1's binding
 * (`POST /query`, `POST /execute`). Every deployment's binding and the REST API end here, so they share the data.
 */
interface Cursor {
  readonly columnNames: string[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
  raw(): Iterable<unknown[]>;
}

interface Storage {
  readonly sql: { readonly databaseSize: number; exec(sql: string, ...params: unknown[]): Cursor };
  transactionSync<T>(work: () => T): T;
}

interface Statement {
  readonly sql: string;
  readonly params?: readonly unknown[] | null;
}

interface Env {
  readonly DATABASES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(url: string, init: RequestInit): Promise<Response> };
  };
}

export class Database {
  readonly #storage: Storage;

  constructor(state: { readonly storage: Storage }) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    const sent = (await request.json()) as Statement | Statement[];
    const statements = Array.isArray(sent) ? sent : [sent];
    const asRows = new URL(request.url).searchParams.get("resultsFormat") === "ROWS_AND_COLUMNS";
    try {
      return Response.json(
        this.#storage.transactionSync(() => statements.map((one) => this.#run(one, asRows))),
      );
    } catch (error) {
      return Response.json({ success: false, error: (error as Error).message }, { status: 500 });
    }
  }

  #run(statement: Statement, asRows: boolean): unknown {
    const { sql } = this.#storage;
    const before = this.#changes();
    const size = sql.databaseSize;
    const began = Date.now();
    const params = (statement.params ?? []).map((value) =>
      Array.isArray(value) ? new Uint8Array(value) : value,
    );
    const cursor = sql.exec(statement.sql, ...params);
    const columns = cursor.columnNames;
    const rows = [...cursor.raw()].map((row) =>
      row.map((value) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value)),
    );
    const after = this.#changes();
    const meta = {
      served_by: "local",
      duration: Date.now() - began,
      changes: after.total - before.total,
      last_row_id: after.lastRowId,
      changed_db: after.total !== before.total || sql.databaseSize !== size,
      size_after: sql.databaseSize,
      rows_read: cursor.rowsRead,
      rows_written: cursor.rowsWritten,
    };
    const results = asRows
      ? { columns, rows }
      : rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    return { success: true, results, meta };
  }

  #changes(): { total: number; lastRowId: number } {
    const [row] = this.#storage.sql.exec("SELECT total_changes(), last_insert_rowid()").raw();
    return { total: Number(row?.[0]), lastRowId: Number(row?.[1]) };
  }
}

export default {
  /** A binding's call comes with its name and D1's own URL in headers; which database that is stands in the query. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const binding = request.headers.get("mf-binding") ?? "";
    const database = new URL(request.url).searchParams.get(binding);
    if (database === null) return new Response("no such binding", { status: 404 });
    const stub = env.DATABASES.get(env.DATABASES.idFromName(database));
    const body = await request.text();
    return stub.fetch(request.headers.get("mf-url") ?? "", { method: "POST", body });
  },
};
