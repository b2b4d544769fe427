import { beforeAll, expect, test } from "vitest";
import type { SiteRow } from "../../../../contract/sites/row.ts";
import { createD1 } from "../../../../local/audit-page/d1.ts";
import { readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";
import { readPreview, readPulls } from "../../../../pages-plugin/src/host/audit-page/previews-data.ts";
import { pullsAtOnce } from "../../../../pages-plugin/src/host/audit-page/previews-queries.ts";
import { add, day, deployed, hour, now, occasion, personOf } from "./support.ts";

const database = createD1();
const [first, second] = ["a".repeat(40), "b".repeat(40)];
const row: SiteRow = {
  project: "demo",
  subdomain: "demo.pages.dev",
  origins: ["https://demo.pages.dev"],
  entries: {},
};
const filters = readFilters(new URLSearchParams("span=30d"), ["demo"], now);

beforeAll(() => {
  const alias = "https://pr-7.demo.pages.dev";
  add(database, [
    deployed({ time: now - 3 * day, pull: 7, commit: first, hash: "aaaa1111" }),
    occasion({ time: now - 3 * day + hour, person: 1, pull: 7 }),
    deployed({ time: now - 2 * day, pull: 7, commit: second, hash: "bbbb2222" }),
    occasion({ time: now - 2 * day + hour, person: 1, pull: 7 }),
    occasion({ time: now - 2 * day + 2 * hour, person: 1, pull: 7 }),
    // An old address goes on showing its own commit; the host does not know its pull request.
    occasion({ time: now - day, person: 2, origin: "https://aaaa1111.demo.pages.dev" }),
    occasion({ time: now - day, person: 3, pull: 7, refused: "entry-refused" }),
    // Another site's ticket for the same address: not this site's to show.
    occasion({ time: now - day, person: 4, origin: alias, project: "other" }),
    occasion({ time: now - 4 * hour, person: 5, pull: 8 }),
    occasion({ time: now - 4 * hour, person: 6, origin: "https://demo.pages.dev" }),
  ]);
});

test("who saw a pull request's preview, at which commit, when and how often", async () => {
  const { deployments, sightings, cut } = await readPreview(database, row, 7, filters);
  expect(deployments.map(({ commit }) => commit)).toEqual([second, first]);
  expect(sightings.map(({ oid, commit, times }) => [oid, commit, times])).toEqual([
    [personOf(2), first, 1],
    [personOf(1), second, 2],
    [personOf(1), first, 1],
  ]);
  expect(sightings[1]).toMatchObject({ first: now - 2 * day + hour, last: now - 2 * day + 2 * hour });
  expect(cut).toBe(false);
});

test("who saw production, whose deployments nothing tells of", async () => {
  const { sightings } = await readPreview(database, row, "production", filters);
  expect(sightings).toMatchObject([{ oid: personOf(6), commit: "" }]);
});

test("pull requests, the newest first, with people at all their addresses", async () => {
  const { pulls, next } = await readPulls(database, "demo", undefined);
  expect(pulls).toMatchObject([
    { number: 8, people: 1, deployments: 0 },
    { number: 7, people: 3, deployments: 2 },
  ]);
  expect(next).toBe(undefined);
});

test("page after page of many pull requests", async () => {
  const many = createD1();
  add(
    many,
    Array.from({ length: 60 }, (_, index) => occasion({ pull: index + 1, time: now - index })),
  );
  const seen: number[] = [];
  for (let before: number | undefined, page = 0; page < 5; page += 1) {
    const { pulls, next } = await readPulls(many, "demo", before);
    expect(pulls.length).toBeLessThanOrEqual(pullsAtOnce);
    seen.push(...pulls.map(({ number }) => number));
    if (next === undefined) break;
    before = next;
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));
});
