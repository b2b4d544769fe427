import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { splitStatements } from "../../../local/cloudflare/d1/statements.ts";
import { raw } from "../../src/pages-runtime/fixtures.ts";
import { type Cloudflare, call, deploy, type Envelope, settle, start } from "./fixtures.ts";

let cloudflare: Cloudflare;
let uuid: string;

beforeAll(async () => {
  cloudflare = await start();
  uuid = (await call(cloudflare, "POST", "d1/database", { name: "gate" })).result.uuid;
});
afterAll(() => cloudflare.close());

const query = (body: unknown, kind = "query"): Promise<Envelope> =>
  call(cloudflare, "POST", `d1/database/${uuid}/${kind}`, body);

describe("the REST API", () => {
  it("makes, finds and deletes databases", async () => {
    expect((await call(cloudflare, "GET", `d1/database/${uuid}`)).result).toMatchObject({
      uuid,
      name: "gate",
    });
    expect((await call(cloudflare, "GET", "d1/database?name=gate")).result).toHaveLength(1);
    expect((await call(cloudflare, "GET", "d1/database?name=other")).result).toEqual([]);
    expect((await call(cloudflare, "POST", "d1/database", { name: "gate" })).code).toBe(7502);
    expect((await call(cloudflare, "POST", "d1/database", { name: "x", size: 1 })).status).toBe(400);
    const { result } = await call(cloudflare, "POST", "d1/database", { name: "gone" });
    expect((await call(cloudflare, "DELETE", `d1/database/${result.uuid}`)).success).toBe(true);
    expect(
      (await call(cloudflare, "POST", `d1/database/${result.uuid}/query`, { sql: "SELECT 1" })).code,
    ).toBe(7404);
  });

  it("runs queries with parameters, several at once, as objects or as rows", async () => {
    const made = await query({
      sql: "CREATE TABLE a (k TEXT PRIMARY KEY, n INTEGER); INSERT INTO a VALUES ('x;', 1);",
    });
    expect(made.result.map(({ success }: { success: boolean }) => success)).toEqual([true, true]);
    const added = await query({ sql: "INSERT INTO a VALUES (?1, ?2)", params: ["y", "2"] });
    expect(added.result[0].meta).toMatchObject({ changes: 1, changed_db: true, rows_written: 2 });
    expect((await query({ sql: "SELECT * FROM a ORDER BY k" })).result[0].results).toEqual([
      { k: "x;", n: 1 },
      { k: "y", n: 2 },
    ]);
    expect(
      (await query({ sql: "SELECT * FROM a WHERE n = ?", params: ["2"] }, "raw")).result[0].results,
    ).toEqual({
      columns: ["k", "n"],
      rows: [["y", 2]],
    });
    const batch = await query({
      batch: [{ sql: "SELECT 1 AS one" }, { sql: "SELECT ? AS two", params: ["2"] }],
    });
    expect(batch.result.map(({ results }: { results: unknown }) => results)).toEqual([
      [{ one: 1 }],
      [{ two: "2" }],
    ]);
  });

  it("puts SQLite's errors into the envelope and undoes the rest", async () => {
    await query({ sql: "CREATE TABLE b (k TEXT UNIQUE)" });
    expect(await query({ sql: "SELECT * FROM nowhere" })).toMatchObject({ status: 400, code: 7500 });
    expect((await query({ sql: "INSERT INTO b VALUES ('1'); INSERT INTO b VALUES ('1')" })).code).toBe(7500);
    expect((await query({ sql: "SELECT count(*) AS n FROM b" })).result[0].results).toEqual([{ n: 0 }]);
    expect((await query({ sql: "BEGIN TRANSACTION" })).code).toBe(7500);
    expect((await query({ sql: " -- nothing" })).code).toBe(7500);
  });

  it("takes what the published types say, no more", async () => {
    for (const body of [{}, { sql: 1 }, { sql: "SELECT ?", params: [1] }, { sql: "SELECT 1", bindings: [] }])
      expect((await query(body)).status).toBe(400);
    expect((await query({ sql: "SELECT ?; SELECT ?", params: ["1"] })).status).toBe(400);
  });
});

describe("a binding", () => {
  const worker = `export default { async fetch(request, { GATE_DB: db }) {
    const { pathname, searchParams } = new URL(request.url);
    const value = searchParams.get("v");
    if (pathname === "/put") return Response.json(await db.prepare("INSERT INTO kv VALUES (?, ?)").bind(value, 7).run());
    if (pathname === "/all") return Response.json((await db.prepare("SELECT * FROM kv ORDER BY k").all()).results);
    if (pathname === "/raw") return Response.json(await db.prepare("SELECT k FROM kv ORDER BY k").raw());
    if (pathname === "/batch") return Response.json((await db.batch([
      db.prepare("INSERT INTO kv VALUES (?, NULL)").bind(value), db.prepare("SELECT count(*) AS n FROM kv")])).map((r) => r.results));
    if (pathname === "/first") return Response.json(await db.prepare("SELECT count(*) AS n FROM kv").first("n"));
    if (pathname === "/none") return Response.json(await db.prepare("SELECT * FROM kv WHERE k = 'none'").first());
    try { return Response.json(await db.prepare("SELECT * FROM nowhere").all()); } catch (error) { return new Response(error.message); }
  } };`;
  const ask = async (label: string, path: string) => {
    const host = `${label}.host.localhost:${cloudflare.port}`;
    return (await raw(cloudflare.port, path, { headers: { host } })).text;
  };

  it("is a D1Database whose data every deployment and the API share", async () => {
    await call(cloudflare, "POST", "pages/projects", { name: "host", production_branch: "main" });
    await call(cloudflare, "PATCH", "pages/projects/host", {
      deployment_configs: { preview: { d1_databases: { GATE_DB: { id: uuid } } } },
    });
    await query({ sql: "CREATE TABLE kv (k TEXT PRIMARY KEY, v INTEGER)" });
    await deploy(cloudflare, "host", "one", { "_worker.js": worker });
    await deploy(cloudflare, "host", "two", { "_worker.js": worker });
    settle(cloudflare);
    expect(JSON.parse(await ask("one", "/put?v=a"))).toMatchObject({ success: true, meta: { changes: 1 } });
    expect(await ask("two", "/first")).toBe("1");
    expect(JSON.parse(await ask("two", "/batch?v=b"))).toEqual([[], [{ n: 2 }]]);
    await query({ sql: "INSERT INTO kv VALUES ('c', 1)" });
    expect(JSON.parse(await ask("one", "/all"))).toEqual([
      { k: "a", v: 7 },
      { k: "b", v: null },
      { k: "c", v: 1 },
    ]);
    expect(JSON.parse(await ask("two", "/raw"))).toEqual([["a"], ["b"], ["c"]]);
    expect(await ask("one", "/none")).toBe("null");
    expect(await ask("one", "/error")).toMatch(/^D1_ERROR: no such table: nowhere/);
    expect((await cloudflare.sql("gate", "SELECT k FROM kv WHERE v = ?", [7])).results).toEqual([{ k: "a" }]);
  });
});

describe("splitting statements", () => {
  it("minds strings, names, comments and triggers", () => {
    expect(splitStatements("SELECT ';' ; SELECT \"a;b\", `;`, [;] -- ; not\n; /* ; */ SELECT 3;;")).toEqual([
      "SELECT ';'",
      'SELECT "a;b", `;`, [;]',
      "SELECT 3",
    ]);
    const trigger =
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT CASE WHEN 1 THEN 2 END; END";
    expect(splitStatements(`${trigger}; SELECT 1`)).toEqual([trigger, "SELECT 1"]);
    expect(splitStatements("SELECT 'it''s'; SELECT CASE 1 WHEN 1 THEN 2 END")).toHaveLength(2);
  });
});
