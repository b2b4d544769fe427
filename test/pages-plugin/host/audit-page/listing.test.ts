import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createD1, type MemoryD1 } from "../../../../local/audit-page/d1.ts";
import { readPage } from "../../../../pages-plugin/src/host/audit-page/activity-data.ts";
import { type Filters, readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";
import {
  floorOf,
  listing,
  needsFloor,
  scannedAtOnce,
  searchOf,
} from "../../../../pages-plugin/src/host/audit-page/listing.ts";
import { add, day, deployed, hour, now, type Occasion, occasion, personOf } from "./support.ts";

const both = ["demo", "other", ""];
const filters = (query: string, projects = both) => readFilters(new URLSearchParams(query), projects, now);

async function found(database: MemoryD1, query: string, projects = both) {
  const { entries } = await readPage(database, projects, filters(query, projects), 50);
  return entries.map(({ uid }) => uid);
}

describe("a small database", () => {
  const events: Record<string, Occasion> = {
    ada: { name: "Ada Lovelace", person: 1, pull: 7 },
    refused: { refused: "entry-refused", reference: "7KQ2M-4XPVE", person: 2, time: now - 2 * hour },
    elsewhere: { project: "other", person: 1, time: now - 3 * hour },
    host: { project: undefined, person: undefined, refused: "callback-state-missing", time: now - 4 * hour },
    secret: { project: "secret", person: 1, time: now - 5 * hour },
    signed: { activity: "sign-in", name: "Zoë Müller", person: 3, time: now - 6 * hour },
    old: { person: 1, time: now - 8 * day },
  };
  const database = createD1();
  const uids: Record<string, unknown> = {};
  beforeAll(() => {
    for (const [name, some] of Object.entries(events)) {
      const event = occasion(some);
      uids[name] = event.metadata.uid;
      add(database, [event]);
    }
    const made = deployed({ time: now - 7 * hour, pull: 7, commit: "c0ffee00".repeat(5), hash: "deadbeef" });
    uids["deployed"] = made.metadata.uid;
    add(database, [made]);
  });
  const named = async (query: string, projects?: string[]) =>
    (await found(database, query, projects)).map((uid) =>
      Object.keys(uids).find((name) => uids[name] === uid),
    );

  test("newest first, only of the sites that may be seen, only in the time that was asked for", async () => {
    expect(await named("")).toEqual(["ada", "refused", "elsewhere", "host", "signed", "deployed"]);
    expect(await named("", ["other"])).toEqual(["elsewhere"]);
    expect(await named("span=30d", ["demo"])).toEqual(["ada", "refused", "signed", "deployed", "old"]);
  });

  test.each([
    ["show=admitted", ["ada", "elsewhere"]],
    ["show=refused", ["refused", "host"]],
    ["show=sign-ins", ["signed"]],
    ["show=changes", ["deployed"]],
    ["show=views", []],
    ["q=ada+LOVE", ["ada"]],
    ["q=M%C3%9CLLER", ["signed"]],
    ["q=m%C3%BCller", ["signed"]],
    ["q=Zo%C3%AB", ["signed"]],
    ["q=entry-ref", ["refused"]],
    ["q=c0ffee", ["deployed"]],
    ["q=pr-7.demo", ["ada"]],
    ["q=%25", []],
    ["q='", []],
    ["q=%237", ["ada", "deployed"]],
    ["q=pr+7&show=admitted", ["ada"]],
    ["q=7kq2m-4xpve", ["refused"]],
    [`q=${personOf(1).toUpperCase()}`, ["ada", "elsewhere"]],
    [`q=${personOf(2)}&show=admitted`, []],
  ])("%s", async (query, expected) => {
    expect(await named(query)).toEqual(expected);
  });

  test.each(["q=7KQ2M-4XPVE", `q=${personOf(1)}`, "q=%237", "q=lovelace", "show=refused"])(
    "%s shows nothing of a site that may not be seen",
    async (query) => {
      expect(await named(query, ["nothing-here"])).toEqual([]);
    },
  );
});

test("what is typed is taken for what it looks like", () => {
  expect(searchOf("#12")).toEqual({ kind: "pull", value: 12 });
  expect(searchOf("PR 12")).toEqual({ kind: "pull", value: 12 });
  expect(searchOf("#0")).toEqual({ kind: "text", value: "#0" });
  expect(searchOf(personOf(1)).kind).toBe("person");
});

test("page after page shows every event once, whatever the times", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom("demo", "other", undefined, "secret")),
        {
          maxLength: 40,
        },
      ),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom("", "show=admitted", "q=person", "show=sign-ins", `q=${personOf(1)}`),
      async (all, limit, query) => {
        const database = createD1();
        const events = all.map(([offset, project]) => occasion({ project, time: now - offset }));
        add(database, events);
        const wanted = events.filter((_, index) => all[index]?.[1] !== "secret" && query !== "show=sign-ins");
        const seen: unknown[] = [];
        let asked: Filters = filters(query);
        for (let page = 0; page < 60; page += 1) {
          const { entries, next } = await readPage(database, both, asked, limit);
          seen.push(...entries.map(({ uid }) => uid));
          if (next === undefined) break;
          asked = { ...asked, before: next };
        }
        expect(seen).toHaveLength(wanted.length);
        expect(new Set(seen)).toEqual(new Set(wanted.map(({ metadata }) => metadata.uid)));
      },
    ),
    { numRuns: 40 },
  );
});

describe("25,000 events of one site", () => {
  let database: MemoryD1;
  beforeAll(() => {
    database = createD1();
    add(
      database,
      (function* () {
        for (let index = 0; index < 25_000; index += 1)
          yield occasion({
            person: index % 300,
            time: now - index * 20_000,
            name: index === 24_000 ? "Needle" : "Hay",
          });
      })(),
    );
  });

  test.each([
    "",
    "show=admitted",
    "show=refused",
    "show=changes",
    "q=%237",
    "q=7KQ2M-4XPVE",
    `q=${personOf(1)}`,
  ])("%s never reads the whole table", (query) => {
    const asked = filters(query);
    const { sql, values } = listing({ projects: both, filters: asked, limit: 51 });
    const floor = floorOf({ projects: both, filters: asked });
    const steps = [...database.plan(sql, values), ...database.plan(floor.sql, floor.values)];
    expect(steps.filter((step) => /SCAN (audit_events|hit)/.test(step))).toEqual([]);
  });

  test("what no index answers is looked for in bounded steps, and found in the end", async () => {
    const first = filters("q=needle");
    expect(needsFloor(first)).toBe(true);
    const page = await readPage(database, ["demo"], first, 50);
    expect(page.entries).toEqual([]);
    expect(page.next?.time).toBe(now - scannedAtOnce * 20_000);
    const next = await readPage(
      database,
      ["demo"],
      { ...first, ...(page.next ? { before: page.next } : {}) },
      50,
    );
    expect(next.entries).toMatchObject([{ name: "Needle" }]);
    expect(next.next).toBe(undefined);
  });
});
