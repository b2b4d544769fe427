import { describe, expect, test } from "vitest";
import { readOpening, readViewer, whatOpened, whoSaw } from "../../../contract/audit/queries.ts";
import { createD1, type MemoryD1 } from "../../../local/audit-page/d1.ts";
import { reviewer, tenantId } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  events,
  formOf,
  hostOrigin,
  rowWith,
  site,
  type World,
} from "./support/world.ts";

const day = 86_400_000;

async function hostWith(database: MemoryD1, change: Partial<MemoryD1> = {}): Promise<World> {
  const row = rowWith();
  database.sqlite
    .prepare("INSERT OR IGNORE INTO sites VALUES (?, ?, 0)")
    .run(row.project, JSON.stringify({ ...row, keep: 30 * 86_400 }));
  return createWorld({ GATE_DB: { ...database, ...change } });
}

async function settled(world: World): Promise<void> {
  await Promise.all(world.waiting);
}

const rows = (database: MemoryD1) =>
  database.sqlite.prepare("SELECT event FROM audit_events ORDER BY id").all();
const span = (world: World) => ({ from: world.clock.now - day, to: world.clock.now + day });
const failuresIn = (world: World) =>
  world.log.map((line) => JSON.parse(line)).filter(({ code }) => code === "audit-sink-failed");
const statusOf = async (world: World) =>
  (await world.fetch(new Request(`${hostOrigin}/.auth/status`))).json() as Promise<{
    audit: { failed: number };
  }>;

describe("the host's own records", () => {
  test("are the events of the console, word for word, written after the answer", async () => {
    const database = createD1();
    const world = await hostWith(database);
    await new Browser(world).signIn(await authorizeUrl());
    await settled(world);
    expect(rows(database).map(({ event }) => JSON.parse(String(event)))).toEqual(events(world));
    expect(events(world).map(({ activity_name }) => activity_name)).toEqual(["Logon", "Ticket"]);
  });

  test("say who saw a preview and what a user opened", async () => {
    const database = createD1();
    const world = await hostWith(database);
    await new Browser(world).signIn(await authorizeUrl());
    world.provider.visitor = { ...reviewer, oid: "99999999-0000-4000-8000-000000000009", groups: [] };
    await new Browser(world).signIn(await authorizeUrl());
    await settled(world);
    const saw = whoSaw({ ...span(world), origin: site });
    const viewers = database.sqlite
      .prepare(saw.sql)
      .all(...saw.values)
      .map(readViewer);
    expect(viewers).toMatchObject([{ tid: tenantId, oid: reviewer.oid, times: 1 }]);
    const opened = whatOpened({ ...span(world), tid: tenantId, oid: reviewer.oid });
    const openings = database.sqlite
      .prepare(opened.sql)
      .all(...opened.values)
      .map(readOpening);
    expect(openings).toMatchObject([{ origin: site, project: "demo", environment: "preview" }]);
    expect(rows(database).length).toBe(4);
  });

  test("a request about nobody's sign-in writes nothing", async () => {
    const database = createD1();
    const world = await hostWith(database);
    await world.fetch(new Request(`${hostOrigin}/.auth/status`));
    await world.fetch(new Request(`${hostOrigin}/nothing`));
    expect(world.waiting).toEqual([]);
    expect(rows(database)).toEqual([]);
  });

  test("what is older than the site's policy allows goes as new events come", async () => {
    const database = createD1();
    const world = await hostWith(database);
    const browser = new Browser(world);
    await browser.signIn(await authorizeUrl());
    world.clock.now += 31 * day;
    await browser.signIn(await authorizeUrl());
    await settled(world);
    expect(rows(database).length).toBe(2);
  });

  test("hold no token, cookie or code", async () => {
    const database = createD1();
    const world = await hostWith(database);
    const browser = new Browser(world);
    const first = await browser.visit(await authorizeUrl());
    const callback = world.provider.authorize(first.headers.get("location") ?? "");
    const response = await browser.visit(callback);
    await settled(world);
    const kept = JSON.stringify(rows(database));
    expect(kept.length).toBeGreaterThan(1000);
    const ticket = (await formOf(response))?.ticket;
    for (const secret of [ticket, callback.searchParams.get("code"), ...browser.cookies.values()]) {
      expect(typeof secret).toBe("string");
      expect(kept).not.toContain(secret);
    }
  });
});

describe("a database that takes nothing never stands in a visitor's way", () => {
  const full = Object.assign(new Error("D1_ERROR: Exceeded maximum DB size, secret of somebody"), {
    name: "D1Error",
  });
  const broken: readonly (readonly [string, Partial<MemoryD1>])[] = [
    ["full (D1 full)", { batch: () => Promise.reject(full) }],
    [
      "throwing at once",
      {
        batch: () => {
          throw full;
        },
      },
    ],
    ["without batch", { batch: undefined as never }],
    ["silent for ever", { batch: () => new Promise(() => undefined) }],
  ];

  test.each(broken)("%s: signed in all the same", async (_, change) => {
    const world = await hostWith(createD1(), change);
    const response = await new Browser(world).signIn(await authorizeUrl());
    expect(await formOf(response)).toBeDefined();
    expect(response.status).toBe(200);
  });

  test("is counted in status, and told once a minute without a word of what it said", async () => {
    const world = await hostWith(createD1(), { batch: () => Promise.reject(full) });
    expect((await statusOf(world)).audit).toEqual({ failed: 0 });
    for (let index = 0; index < 3; index += 1) await new Browser(world).signIn(await authorizeUrl());
    await settled(world);
    expect((await statusOf(world)).audit).toEqual({ failed: 6 });
    expect(failuresIn(world)).toEqual([
      { level: "error", code: "audit-sink-failed", failed: 2, detail: "D1Error" },
    ]);
    world.clock.now += 60_000;
    await new Browser(world).signIn(await authorizeUrl());
    await settled(world);
    expect(failuresIn(world).at(-1)).toMatchObject({ failed: 8 });
    expect(failuresIn(world).length).toBe(2);
    expect(world.log.join()).not.toContain("secret of somebody");
  });

  test("still gets rid of what is old, which makes room", async () => {
    const database = createD1();
    const world = await hostWith(database);
    await new Browser(world).signIn(await authorizeUrl());
    await settled(world);
    const later = await hostWith(database, { batch: () => Promise.reject(full) });
    later.clock.now += 31 * day;
    await new Browser(later).signIn(await authorizeUrl());
    await settled(later);
    expect(rows(database)).toEqual([]);
  });

  test("without its tables (not yet migrated), and a platform that refuses waitUntil", async () => {
    const database = createD1();
    database.sqlite.exec("DROP TABLE audit_events");
    const world = await hostWith(database);
    world.waiting.push = () => {
      throw new Error("no waitUntil here");
    };
    const response = await new Browser(world).signIn(await authorizeUrl());
    expect(await formOf(response)).toBeDefined();
    expect(codeOf(response)).toBe(null);
  });
});
