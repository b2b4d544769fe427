import type { Database } from "../site-directory.ts";
import type { Cursor, Filters } from "./filters.ts";
import { floorOf, listing, needsFloor, searchOf } from "./listing.ts";
import { ask, number, type Row, text } from "./reader.ts";
import { anythingBefore, type Bars, type Burst, barsOf, burstsOf, counts, newcomers } from "./trends.ts";

export const rowsOnPage = 50;

/** One event as the list shows it. */
export interface Entry extends Cursor {
  readonly type: number;
  readonly success: boolean;
  readonly [name: string]: string | number | boolean;
}

export interface Newcomer {
  readonly time: number;
  readonly oid: string;
  readonly name: string;
  readonly origin: string;
  readonly guest: boolean;
  readonly admitted: boolean;
}

export interface Trend {
  readonly bars: Bars;
  readonly admitted: readonly number[];
  readonly refused: readonly number[];
  /** Of the refused: nobody could be identified. */
  readonly nobody: readonly number[];
  readonly bursts: readonly Burst[];
  /** Undefined where nothing older is kept, so that everybody would be new. */
  readonly newcomers: readonly Newcomer[] | undefined;
}

export interface Activity {
  readonly entries: readonly Entry[];
  /** Where the next page begins. */
  readonly next: Cursor | undefined;
  /** So far back everything was looked through, and no further. */
  readonly floor: number | undefined;
  readonly trend: Trend;
}

/** @throws GateFault `audit-unavailable` */
export async function readActivity(
  database: Database,
  allProjects: readonly string[],
  filters: Filters,
): Promise<Activity> {
  const projects = filters.site === undefined ? allProjects : [filters.site];
  const page = await readPage(database, projects, filters, rowsOnPage);
  return { ...page, trend: await readTrend(database, projects, filters) };
}

/**
 * One page of the list.
 *
 * @param limit of rows
 * @throws GateFault `audit-unavailable`
 */
export async function readPage(
  database: Database,
  projects: readonly string[],
  filters: Filters,
  limit: number,
): Promise<Omit<Activity, "trend">> {
  const floor = needsFloor(filters) ? await readFloor(database, projects, filters) : undefined;
  const bounded = floor === undefined ? filters : { ...filters, span: { ...filters.span, from: floor + 1 } };
  const [rows = []] = await ask(database, [listing({ projects, filters: bounded, limit: limit + 1 })]);
  const entries = rows.map(entryOf);
  const more = entries.length > limit;
  const last = entries[limit - 1];
  const further = floor === undefined ? undefined : { time: floor, id: Number.MAX_SAFE_INTEGER };
  return {
    entries: entries.slice(0, limit),
    next: more && last ? { time: last.time, id: last.id } : further,
    floor: more ? undefined : floor,
  };
}

async function readFloor(
  database: Database,
  projects: readonly string[],
  filters: Filters,
): Promise<number | undefined> {
  const [[row] = []] = await ask(database, [floorOf({ projects, filters })]);
  return typeof row?.["floor"] === "number" ? row["floor"] : undefined;
}

function entryOf(row: Row): Entry {
  const known = Object.entries(row).filter(
    (column): column is [string, string | number] =>
      typeof column[1] === "string" || typeof column[1] === "number",
  );
  return {
    ...Object.fromEntries(known),
    id: number(row["id"]),
    time: number(row["time"]),
    type: number(row["type"]),
    success: row["status"] === 1,
  };
}

async function readTrend(database: Database, projects: readonly string[], filters: Filters): Promise<Trend> {
  const { span, search } = filters;
  const bars = barsOf(span);
  const asked = searchOf(search);
  const person = asked.kind === "person" ? asked.value : undefined;
  const [counted = [], [before] = [], people = []] = await ask(database, [
    counts(projects, bars, person),
    anythingBefore(projects, span),
    newcomers(projects, span),
  ]);
  const column = (name: string): number[] => counted.map((row) => number(row[name]));
  const refused = column("refused");
  return {
    bars,
    admitted: column("admitted"),
    refused,
    nobody: column("nobody"),
    bursts: burstsOf(refused),
    newcomers:
      before?.["any"] === 1
        ? people.map(newcomerOf).filter(({ oid }) => person === undefined || oid === person)
        : undefined,
  };
}

function newcomerOf(row: Row): Newcomer {
  return {
    time: number(row["time"]),
    oid: text(row["oid"]),
    name: text(row["name"]),
    origin: text(row["origin"]),
    guest: row["kind"] === "guest",
    admitted: row["status"] === 1,
  };
}
