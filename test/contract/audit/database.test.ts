import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditSchema, deletedAtOnce, deleteExpired } from "../../../contract/audit/database.ts";
import {
  authenticationEvent,
  entityManagementEvent,
  webResourceEvent,
} from "../../../contract/audit/events.ts";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import {
  erasePerson,
  insertEvent,
  mostAnswers,
  type Query,
  readOpening,
  readViewer,
  whatOpened,
  whoSaw,
} from "../../../contract/audit/queries.ts";
import { createD1, type MemoryD1 } from "../../../local/audit-page/d1.ts";
import { tenant } from "../policy/fixtures.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 23);
const always = { from: 0, to: now + day };
const personOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const originOf = (index: number) => `https://pr-${index}.demo.pages.dev`;

interface Occasion {
  readonly person?: number;
  readonly site?: number;
  readonly time?: number;
  readonly project?: string | undefined;
  readonly activity?: "sign-in" | "ticket" | "sign-out";
  readonly success?: boolean;
}

function eventOf(occasion: Occasion): AuditEvent {
  const { person = 1, site = 1, time = now, activity = "ticket", success = true } = occasion;
  const project = "project" in occasion ? occasion.project : "demo";
  return authenticationEvent({
    context: { role: "host", version: "1.0.0", environment: "preview", ...(project ? { project } : {}) },
    time,
    uid: `${person}-${site}-${time}`,
    activity,
    success,
    code: success ? "admitted" : "entry-refused",
    service: originOf(site),
    request: { method: "GET", url: new URL("https://gate.pages.dev/.auth/authorize") },
    visitor: { kind: "user", tid: tenant, oid: personOf(person), name: `Person ${person}` },
  });
}

function add(database: MemoryD1, events: Iterable<AuditEvent>): void {
  const statement = database.sqlite.prepare(insertEvent);
  database.sqlite.exec("BEGIN");
  for (const event of events) statement.run(JSON.stringify(event));
  database.sqlite.exec("COMMIT");
}

const ask = (database: MemoryD1, { sql, values }: Query) => database.sqlite.prepare(sql).all(...values);
const count = (database: MemoryD1) =>
  Number(ask(database, { sql: "SELECT count(*) AS n FROM audit_events", values: [] })[0]?.["n"]);

describe("small databases", () => {
  let database: MemoryD1;
  beforeEach(() => {
    database = createD1();
  });

  test("the schema may be applied again, and keeps what is there", () => {
    add(database, [eventOf({})]);
    for (const statement of auditSchema) database.sqlite.exec(statement);
    expect(count(database)).toBe(1);
  });

  test("the package's audit.sql makes the same table, and may be run again", () => {
    const own = new DatabaseSync(":memory:");
    const sql = readFileSync("pages-plugin/audit.sql", "utf8");
    for (let run = 0; run < 2; run += 1) own.exec(sql);
    const shape = "SELECT sql FROM sqlite_schema WHERE tbl_name = 'audit_events' ORDER BY name";
    expect(own.prepare(shape).all()).toEqual(database.sqlite.prepare(shape).all());
  });

  test("who saw a preview: those who got a ticket, each once, with first and last time", () => {
    add(database, [
      eventOf({ person: 2, time: now - 2000 }),
      eventOf({ person: 2, time: now - 1000 }),
      eventOf({ person: 1 }),
      eventOf({ person: 3, activity: "sign-in" }),
      eventOf({ person: 4, success: false }),
      eventOf({ person: 5, activity: "sign-out" }),
      eventOf({ person: 6, site: 2 }),
    ]);
    const viewers = ask(database, whoSaw({ ...always, origin: originOf(1) })).map(readViewer);
    expect(viewers).toEqual([
      { tid: tenant, oid: personOf(1), name: "Person 1", first: now, last: now, times: 1 },
      { tid: tenant, oid: personOf(2), name: "Person 2", first: now - 2000, last: now - 1000, times: 2 },
    ]);
    const next = whoSaw({ ...always, origin: originOf(1), after: personOf(1) });
    expect(
      ask(database, next)
        .map(readViewer)
        .map(({ oid }) => oid),
    ).toEqual([personOf(2)]);
    const earlier = whoSaw({ from: 0, to: now - 1000, origin: originOf(1) });
    expect(ask(database, earlier).map(readViewer)).toMatchObject([{ oid: personOf(2), times: 1 }]);
  });

  test("what a user opened, newest first, with the event itself", () => {
    add(database, [
      eventOf({ site: 1, time: now - 5 }),
      eventOf({ site: 2 }),
      eventOf({ site: 3, success: false }),
      eventOf({ person: 2, site: 4 }),
    ]);
    const query = whatOpened({ ...always, tid: tenant, oid: personOf(1) });
    const openings = ask(database, query).map(readOpening);
    expect(openings.map(({ origin }) => origin)).toEqual([originOf(2), originOf(1)]);
    expect(openings[0]).toMatchObject({
      project: "demo",
      environment: "preview",
      time: now,
      event: { class_uid: 3002 },
    });
    const foreign = whatOpened({ ...always, tid: personOf(9), oid: personOf(1) });
    expect(ask(database, foreign)).toEqual([]);
  });

  test("a site's own requests answer the same questions: allowed ones, with origin and port", () => {
    const request = { method: "GET", url: new URL("http://demo.localhost:8788/a%20b/?q=SECRET") };
    const visitor = { kind: "user", tid: tenant, oid: personOf(1), name: "Person 1" } as const;
    const base = {
      context: { role: "site", version: "1.0.0", project: "demo" },
      uid: "u",
      request,
      visitor,
      policyDigest: "d",
    } as const;
    add(database, [
      webResourceEvent({ ...base, time: now, decision: { allowed: true, rule: "r", reason: "members" } }),
      webResourceEvent({
        ...base,
        time: now,
        decision: { allowed: false, rule: "r", reason: "not-admitted" },
      }),
    ]);
    const viewers = ask(database, whoSaw({ ...always, origin: "http://demo.localhost:8788" })).map(
      readViewer,
    );
    expect(viewers).toMatchObject([{ oid: personOf(1), times: 1 }]);
    expect(ask(database, whatOpened({ ...always, tid: tenant, oid: personOf(1) })).length).toBe(1);
  });

  test("an event about nobody is kept, and nobody has seen anything", () => {
    add(database, [
      authenticationEvent({
        context: { role: "host", version: "1.0.0" },
        time: now,
        uid: "u",
        activity: "sign-in",
        success: false,
        code: "callback-state-missing",
        service: originOf(1),
      }),
    ]);
    expect(count(database)).toBe(1);
    expect(ask(database, whoSaw({ ...always, origin: originOf(1) }))).toEqual([]);
  });

  test("text that is no JSON is no event", () => {
    expect(() => database.sqlite.prepare(insertEvent).run("{")).toThrow();
  });

  test("a name or an origin that holds SQL is text", () => {
    const origin = "'); DROP TABLE audit_events; --";
    expect(ask(database, whoSaw({ ...always, origin }))).toEqual([]);
    expect(count(database)).toBe(0);
  });

  test("erasing a person takes all of him, refusals too, and nobody else", () => {
    add(database, [eventOf({ person: 1 }), eventOf({ person: 1, success: false }), eventOf({ person: 2 })]);
    const { sql, values } = erasePerson({ tid: tenant, oid: personOf(1) });
    database.sqlite.prepare(sql).run(...values);
    const left = ask(database, { sql: "SELECT event FROM audit_events", values: [] });
    expect(left.length).toBe(1);
    expect(JSON.stringify(left)).not.toContain(personOf(1));
    expect(JSON.stringify(left)).toContain(personOf(2));
  });

  const documented = (page: string) =>
    [...readFileSync(`docs/${page}`, "utf8").matchAll(/```sql\n([^`]+);\n```/g)].map(([, sql = ""]) =>
      sql
        .replace("<object id>", personOf(1))
        .replace("<tenant id>", tenant)
        .replace("https://pr-7.demo.pages.dev", originOf(1)),
    );

  test("docs/privacy.md: what it says to run shows all of one person, then erases it", () => {
    add(database, [eventOf({ person: 1 }), eventOf({ person: 1, success: false }), eventOf({ person: 2 })]);
    const [look = "", erase = ""] = documented("privacy.md");
    expect(database.sqlite.prepare(look).all().length).toBe(2);
    expect(erase).toMatch(/^DELETE/);
    database.sqlite.exec(erase);
    expect(database.sqlite.prepare(look).all()).toEqual([]);
    expect(count(database)).toBe(1);
  });

  test("docs/privacy.md: what a workflow run changed is found and erased by the GitHub login", () => {
    const change = (login: string) =>
      entityManagementEvent({
        context: { role: "action", version: "1.0.0" },
        time: now,
        uid: login,
        activity: "update",
        success: true,
        code: "updated",
        entity: { type: "site", uid: "demo" },
        actor: { app: tenant, login },
      });
    add(database, [change("octocat"), change("hubot"), eventOf({ person: 1 })]);
    const [, , erase = ""] = documented("privacy.md");
    database.sqlite.exec(erase.replace("<login>", "octocat"));
    expect(count(database)).toBe(2);
    database.sqlite.exec(erase.replace("<login>", "Person 1"));
    expect(count(database)).toBe(2);
  });

  test("docs/audit.md: both questions are answered, by an index", () => {
    add(database, [eventOf({ person: 1 }), eventOf({ person: 2 }), eventOf({ person: 1, site: 2 })]);
    const [saw = "", opened = ""] = documented("audit.md");
    expect(database.sqlite.prepare(saw).all()).toMatchObject([{ oid: personOf(1) }, { oid: personOf(2) }]);
    expect(
      database.sqlite
        .prepare(opened)
        .all()
        .map((row) => row["origin"])
        .sort(),
    ).toEqual([originOf(1), originOf(2)]);
    for (const sql of [saw, opened])
      expect(database.plan(sql, []).join()).toMatch(/^SEARCH audit_events USING INDEX/);
  });

  test.each([{}, { tid: 1, oid: "x" }, null, "row"])("a row of another shape is refused: %j", (row) => {
    expect(() => readViewer(row)).toThrow(TypeError);
    expect(() => readOpening(row)).toThrow(TypeError);
  });
});

describe("retention", () => {
  let database: MemoryD1;
  beforeEach(() => {
    database = createD1();
  });
  const site = (project: string, data: string) =>
    database.sqlite.prepare("INSERT INTO sites VALUES (?, ?, 0)").run(project, data);
  const clean = () => database.sqlite.prepare(deleteExpired).run(now);
  const left = () =>
    ask(database, { sql: "SELECT project, time FROM audit_events ORDER BY project, time", values: [] }).map(
      (row) => `${row["project"]} ${(now - Number(row["time"])) / day}`,
    );

  test("each site's events go after its own time, those of no site after 90 days", () => {
    site("long", '{"keep":31536000}');
    site("short", '{"keep":172800}');
    site("silent", "{}");
    for (const project of ["long", "short", "silent", undefined])
      add(
        database,
        [1, 3, 100, 400].map((days) => eventOf({ project, time: now - days * day })),
      );
    clean();
    expect(left()).toEqual([" 3", " 1", "long 100", "long 3", "long 1", "short 1", "silent 3", "silent 1"]);
  });

  test.each(["{", '{"keep":"x"}', '{"keep":0}', '{"keep":-5}', '{"keep":null}', "[]"])(
    "a row that says %s does not make the last day's events go, nor stop the others' from going",
    (data) => {
      site("odd", data);
      site("short", '{"keep":172800}');
      add(database, [
        eventOf({ project: "odd", time: now - day / 2 }),
        eventOf({ project: "short", time: now - 3 * day }),
      ]);
      clean();
      expect(left()).toEqual(["odd 0.5"]);
    },
  );

  test("one run takes away a bounded number, the next ones the rest", () => {
    site("demo", '{"keep":86400}');
    add(
      database,
      Array.from({ length: deletedAtOnce + 10 }, (_, index) => eventOf({ time: now - 2 * day - index })),
    );
    clean();
    expect(count(database)).toBe(10);
    clean();
    expect(count(database)).toBe(0);
  });
});

describe("50,000 events of 400 people at 500 previews", () => {
  let database: MemoryD1;
  beforeAll(() => {
    database = createD1();
    add(
      database,
      (function* () {
        for (let index = 0; index < 50_000; index += 1)
          yield eventOf({ person: index % 400, site: (index * 7) % 500, time: now - index * 60_000 });
      })(),
    );
    database.sqlite.exec("INSERT INTO sites VALUES ('demo', '{}', 0)");
  });

  const plan = ({ sql, values }: Query) => database.plan(sql, values);

  test("who saw one of them is one search in its index, without sorting", () => {
    const query = whoSaw({ ...always, origin: originOf(7) });
    expect(plan(query)).toEqual(["SEARCH audit_events USING INDEX audit_events_seen (origin=? AND oid>?)"]);
    expect(
      ask(database, query)
        .map(readViewer)
        .reduce((sum, { times }) => sum + times, 0),
    ).toBe(100);
  });

  test("what one of them opened is one search in its index, without sorting", () => {
    const query = whatOpened({ ...always, tid: tenant, oid: personOf(7) });
    expect(plan(query)).toEqual([
      "SEARCH audit_events USING INDEX audit_events_visitor (oid=? AND time>? AND time<?)",
    ]);
    expect(ask(database, query).length).toBe(125);
  });

  test("no answer is longer than a page, and the next page goes on", () => {
    add(
      database,
      Array.from({ length: mostAnswers + 5 }, (_, index) => eventOf({ person: 999, time: now - index })),
    );
    const who = { tid: tenant, oid: personOf(999) };
    const first = ask(database, whatOpened({ ...always, ...who })).map(readOpening);
    expect(first.length).toBe(mostAnswers);
    const rest = whatOpened({ from: 0, to: (first.at(-1)?.time ?? 0) + 1, ...who });
    expect(ask(database, rest).length).toBe(6);
  });

  test("erasing and taking away what is old never read the whole table", () => {
    expect(plan(erasePerson({ tid: tenant, oid: personOf(1) }))).toEqual([
      "SEARCH audit_events USING INDEX audit_events_visitor (oid=?)",
    ]);
    const steps = plan({ sql: deleteExpired, values: [now] });
    expect(steps).toContain("SEARCH old USING INDEX audit_events_age (project=? AND time<?)");
    expect(steps.filter((step) => step.startsWith("SCAN")).sort()).toEqual([
      "SCAN CONSTANT ROW",
      "SCAN kept",
      "SCAN sites",
    ]);
  });
});
