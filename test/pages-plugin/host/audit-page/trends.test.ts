import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { createD1, type MemoryD1 } from "../../../../local/audit-page/d1.ts";
import { readActivity } from "../../../../pages-plugin/src/host/audit-page/activity-data.ts";
import { readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";
import { barsOf, burstsOf } from "../../../../pages-plugin/src/host/audit-page/trends.ts";
import { add, day, hour, now, occasion, personOf } from "./support.ts";

test("any time is at most 61 bars, which cover all of it and begin at round moments", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1, max: 3_650 * day }),
      (from, length) => {
        const bars = barsOf({ from, to: from + length });
        expect(bars.count).toBeLessThanOrEqual(61);
        expect(bars.from % bars.size).toBe(0);
        expect(bars.from).toBeLessThanOrEqual(from);
        expect(bars.from + bars.count * bars.size).toBeGreaterThanOrEqual(from + length);
      },
    ),
  );
});

test.each([
  ["a quiet week", [0, 1, 0, 2, 1, 0, 0], []],
  ["one night", [0, 1, 0, 2, 27, 0, 0, 1, 0], [4]],
  ["always the same", Array.from({ length: 20 }, () => 40), []],
  ["nothing", [], []],
  ["two nights", [...Array.from({ length: 30 }, () => 1), 20, 1, 1, 30], [33, 30]],
])("a burst: %s", (_, refused, bars) => {
  expect(burstsOf(refused).map(({ bar }) => bar)).toEqual(bars);
});

describe("the picture", () => {
  let database: MemoryD1;
  beforeEach(() => {
    database = createD1();
  });
  const trend = async (query = "", projects = ["demo", ""]) =>
    (await readActivity(database, projects, readFilters(new URLSearchParams(query), projects, now))).trend;
  const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);

  test("counts who was let in, who was refused, and of these who was nobody", async () => {
    add(database, [
      occasion({ time: now - 2 * hour }),
      occasion({ time: now - 2 * hour }),
      occasion({ time: now - 20 * hour, refused: "entry-refused" }),
      occasion({ time: now - 20 * hour, refused: "callback-state-missing", person: undefined }),
      occasion({ time: now - 2 * hour, activity: "sign-in" }),
      occasion({ time: now - 9 * day }),
      occasion({ time: now - 2 * hour, project: "secret" }),
    ]);
    const { bars, admitted, refused, nobody } = await trend();
    expect([sum(admitted), sum(refused), sum(nobody)]).toEqual([2, 2, 1]);
    expect(admitted[Math.floor((now - 2 * hour - bars.from) / bars.size)]).toBe(2);
    expect(refused[Math.floor((now - 20 * hour - bars.from) / bars.size)]).toBe(2);
  });

  test("of one person, where he is searched for", async () => {
    add(database, [
      occasion({ person: 1 }),
      occasion({ person: 2 }),
      occasion({ person: 2, refused: "entry-refused" }),
    ]);
    const { admitted, refused } = await trend(`q=${personOf(2)}`);
    expect([sum(admitted), sum(refused)]).toEqual([1, 1]);
  });

  test("a visitor from nowhere is somebody of whom nothing older is kept", async () => {
    add(database, [
      occasion({ person: 1, time: now - 20 * day }),
      occasion({ person: 1, time: now - day }),
      occasion({ person: 2, time: now - day, refused: "entry-refused", name: "Mallory" }),
      occasion({ person: 3, time: now - day, project: "secret" }),
    ]);
    const { newcomers } = await trend();
    expect(newcomers).toMatchObject([
      { oid: personOf(2), name: "Mallory", admitted: false, time: now - day },
    ]);
  });

  test("nobody is called new where nothing older is kept at all", async () => {
    add(database, [occasion({})]);
    expect((await trend()).newcomers).toBe(undefined);
  });
});
