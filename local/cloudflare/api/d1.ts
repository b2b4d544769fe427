import { randomUUID } from "node:crypto";
import * as v from "valibot";
import type { D1Host, SqlStatement } from "../d1/host.ts";
import { splitStatements } from "../d1/statements.ts";
import type { D1Database } from "../state/model.ts";
import type { AccountState } from "../state/state.ts";
import { ApiError, type ApiResult, errors, paged } from "./envelope.ts";
import { type ApiRequest, jsonBody } from "./request.ts";

const newDatabase = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1)),
  primary_location_hint: v.optional(v.picklist(["wnam", "enam", "weur", "eeur", "apac", "oc"])),
  jurisdiction: v.optional(v.picklist(["eu", "fedramp"])),
});

const databaseChanges = v.strictObject({
  read_replication: v.optional(v.strictObject({ mode: v.picklist(["auto", "disabled"]) })),
});

/** The published type: parameters are strings, whatever the column. */
const single = v.strictObject({
  sql: v.pipe(v.string(), v.minLength(1)),
  params: v.optional(v.array(v.string())),
});
const query = v.union([single, v.strictObject({ batch: v.array(single) })]);

/** `/accounts/{id}/d1/database` and below (developers.cloudflare.com/api/resources/d1). */
export class D1Databases {
  readonly #state: AccountState;
  readonly #host: D1Host;

  constructor(state: AccountState, host: D1Host) {
    this.#state = state;
    this.#host = host;
  }

  async create(request: ApiRequest): Promise<ApiResult> {
    const { name } = await jsonBody(request, newDatabase);
    if ([...this.#state.databases.values()].some((database) => database.name === name))
      throw new ApiError(400, 7502, `Database with name '${name}' already exists`);
    const database: D1Database = { uuid: randomUUID(), name, createdAt: this.#state.clock.now() };
    this.#state.databases.set(database.uuid, database);
    return { result: shown(database) };
  }

  /** `name` filters, as a substring. */
  list(request: ApiRequest): ApiResult {
    const name = request.query.get("name") ?? "";
    const found = [...this.#state.databases.values()].filter((database) => database.name.includes(name));
    return paged(found.map(shown), request.query, 1_000);
  }

  /** By id, or by name as `wrangler d1 execute <name>` asks. */
  get(uuidOrName: string): ApiResult {
    const named = [...this.#state.databases.values()].find(({ name }) => name === uuidOrName);
    return { result: shown(named ?? this.#find(uuidOrName)) };
  }

  /** Replication is taken and not done: there is one place here. */
  async change(uuid: string, request: ApiRequest): Promise<ApiResult> {
    await jsonBody(request, databaseChanges);
    return { result: shown(this.#find(uuid)) };
  }

  remove(uuid: string): ApiResult {
    this.#state.databases.delete(this.#find(uuid).uuid);
    return { result: null };
  }

  async run(uuid: string, request: ApiRequest, format: "objects" | "rows"): Promise<ApiResult> {
    this.#find(uuid);
    const body = await jsonBody(request, query);
    const statements = ("batch" in body ? body.batch : [body]).flatMap(toStatements);
    if (statements.length === 0) throw new ApiError(400, 7500, "No SQL statements detected.");
    try {
      return { result: await this.#host.run(uuid, statements, format) };
    } catch (error) {
      throw new ApiError(400, 7500, (error as Error).message);
    }
  }

  #find(uuid: string): D1Database {
    const database = this.#state.databases.get(uuid);
    if (database === undefined) throw new ApiError(404, 7404, `The database ${uuid} could not be found`);
    return database;
  }
}

function toStatements({ sql, params = [] }: v.InferOutput<typeof single>): SqlStatement[] {
  const statements = splitStatements(sql);
  if (statements.length > 1 && params.length > 0)
    throw errors.invalid("params: can't be given with more than one statement");
  return statements.map((statement) => ({ sql: statement, params }));
}

function shown({ uuid, name, createdAt }: D1Database): unknown {
  return {
    uuid,
    name,
    version: "production",
    created_at: new Date(createdAt).toISOString(),
    num_tables: null,
    file_size: null,
  };
}
