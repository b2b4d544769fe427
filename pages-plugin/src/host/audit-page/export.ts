import type { Database } from "../site-directory.ts";
import type { Cursor, Filters } from "./filters.ts";
import { floorOf, listing, needsFloor } from "./listing.ts";
import { ask, number, type Row } from "./reader.ts";

/** So many rows one file has at most: ten questions to the database, and some ten megabytes. */
export const mostExported = 10_000;
const atOnce = 1_000;

const csvColumns = [
  ["time", "time"],
  ["type_uid", "type"],
  ["outcome", "status"],
  ["code", "code"],
  ["name", "name"],
  ["account", "kind"],
  ["object_id", "oid"],
  ["project", "project"],
  ["environment", "environment"],
  ["address", "origin"],
  ["pull_request", "pull"],
  ["commit", "commit"],
  ["reference", "reference"],
  ["changed", "entity"],
  ["changed_name", "entity_name"],
  ["comment", "comment"],
  ["run", "run"],
  ["event_uid", "uid"],
] as const;

/** A file to be saved. */
export interface Exported {
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

/**
 * What the list shows, as a file, newest first: at most `mostExported` rows. Its name tells the time that it covers.
 *
 * @throws GateFault `audit-unavailable`
 */
export async function exportEvents(
  database: Database,
  projects: readonly string[],
  filters: Filters & { readonly as: NonNullable<Filters["as"]> },
): Promise<Exported> {
  const whole = filters.as === "ocsf";
  const rows: Row[] = [];
  const span = { ...filters.span };
  if (needsFloor(filters)) {
    const [[found] = []] = await ask(database, [floorOf({ projects, filters })]);
    if (typeof found?.["floor"] === "number") span.from = found["floor"] + 1;
  }
  let before: Cursor | undefined = filters.before;
  while (rows.length < mostExported) {
    const page = { ...filters, span, ...(before === undefined ? {} : { before }) };
    const query = listing({ projects, filters: page, limit: atOnce, ...(whole ? { whole } : {}) });
    const [found = []] = await ask(database, [query]);
    rows.push(...found);
    const last = found.at(-1);
    if (found.length < atOnce || last === undefined) break;
    before = { time: number(last["time"]), id: number(last["id"]) };
  }
  const cut = rows.length >= mostExported;
  const from = cut ? number(rows.at(-1)?.["time"]) : span.from;
  const stamp = (time: number): string => new Date(time).toISOString().slice(0, 16).replaceAll(/[-:]/g, "");
  const name = `entra-gate-audit_${stamp(from)}Z_${stamp(filters.span.to)}Z`;
  return whole
    ? {
        name: `${name}.ocsf.ndjson`,
        type: "application/x-ndjson",
        body: rows.map((row) => `${row["event"]}\n`).join(""),
      }
    : { name: `${name}.csv`, type: "text/csv; charset=utf-8; header=present", body: csv(rows) };
}

function csv(rows: readonly Row[]): string {
  const line = (cells: readonly unknown[]): string => `${cells.map(cell).join(",")}\r\n`;
  const header = line(csvColumns.map(([title]) => title));
  return header + rows.map((row) => line(csvColumns.map(([, name]) => shown(name, row[name])))).join("");
}

function shown(name: string, value: unknown): unknown {
  if (name === "time") return new Date(number(value)).toISOString();
  return name === "status" ? (value === 1 ? "success" : "failure") : value;
}

/**
 * One cell (RFC 4180), in quotes. What a spreadsheet would take for a formula begins with an apostrophe: a display name
 * or an address is written by others (OWASP, "CSV Injection").
 */
export function cell(value: unknown): string {
  const text = typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  const safe = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20|%]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
