import { parts } from "../../../../contract/audit/database.ts";
import type { Query } from "../../../../contract/audit/queries.ts";
import type { Filters } from "./filters.ts";

/** So many entries of an index, of all sites together, are looked through for what it does not answer; then a link goes on. */
export const scannedAtOnce = 20_000;

interface Source {
  readonly index: string;
  /** Begins with the term by which a partial index is recognised. */
  readonly where?: string;
  /** The index does not answer all of it: rows have to be looked at. */
  readonly scans?: true;
}

const sources: Readonly<Record<Filters["show"], Source>> = {
  all: { index: "age" },
  admitted: { index: "admitted", where: parts.admitted },
  refused: { index: "refused", where: parts.refused },
  "sign-ins": { index: "age", where: "event ->> '$.type_uid' IN (300201, 300202)", scans: true },
  changes: { index: "apart", where: `${parts.apart} AND event ->> '$.class_uid' = 3004`, scans: true },
  views: { index: "apart", where: `${parts.apart} AND event ->> '$.class_uid' = 6001`, scans: true },
};

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const reference = /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/i;
const pullRequest = /^(?:#|pr[ -]?)([1-9]\d{0,8})$/i;

/** What was typed, taken for what it looks like. */
export type Search =
  | { readonly kind: "person" | "reference" | "text"; readonly value: string }
  | { readonly kind: "pull"; readonly value: number }
  | { readonly kind: "none" };

export function searchOf(typed: string): Search {
  if (typed === "") return { kind: "none" };
  if (guid.test(typed)) return { kind: "person", value: typed.toLowerCase() };
  if (reference.test(typed)) return { kind: "reference", value: typed.toUpperCase() };
  const pull = pullRequest.exec(typed)?.[1];
  return pull === undefined ? { kind: "text", value: typed } : { kind: "pull", value: Number(pull) };
}

/** The columns of a row, taken out of the event where they are none of the table's. */
const columns = `id, time, project, environment, origin, oid, name,
  event ->> '$.type_uid' AS type, event ->> '$.status_id' AS status, event ->> '$.status_code' AS code,
  ${parts.reference} AS reference, ${parts.pullRequest} AS pull, event ->> '$.unmapped.commit' AS "commit",
  event ->> '$.unmapped.visitor_kind' AS kind, event ->> '$.unmapped.view' AS view, event ->> '$.unmapped.run' AS run,
  event ->> '$.entity.type' AS entity, coalesce(event ->> '$.entity.name', event ->> '$.entity.uid') AS entity_name,
  event ->> '$.comment' AS comment, event ->> '$.metadata.uid' AS uid`;

/** Where typed text is looked for. Small letters by SQLite's own rule, which knows ASCII only. */
const searched =
  "lower(coalesce(name, '') || ' ' || coalesce(origin, '') || ' ' || coalesce(event ->> '$.status_code', '') || ' ' || " +
  "coalesce(event ->> '$.unmapped.commit', '') || ' ' || coalesce(event ->> '$.entity.name', '') || ' ' || " +
  "coalesce(event ->> '$.comment', ''))";

export interface Wanted {
  /** Projects whose events may be shown. */
  readonly projects: readonly string[];
  readonly filters: Filters;
  readonly limit: number;
  /** `event`: the whole event instead of its columns. */
  readonly whole?: true;
}

/** Whether rows have to be looked at one by one, so that `floorOf` is to be asked first. */
export function needsFloor({ show, search }: Filters): boolean {
  const { kind } = searchOf(search);
  return kind === "text" || (kind === "none" && sources[show].scans === true);
}

/**
 * How far back the listing may look: the time that no site has more than `scannedAtOnce` entries after, in a column
 * `floor`; null where all of the span is within that.
 */
export function floorOf({ projects, filters }: Omit<Wanted, "limit">): Query {
  const { index, where } = sources[filters.show];
  const partial = index === "age" ? "" : ` AND ${partOf(where)}`;
  const share = Math.max(100, Math.floor(scannedAtOnce / projects.length));
  return {
    sql: `SELECT max(floor) AS floor FROM (SELECT (SELECT time FROM audit_events INDEXED BY audit_events_${index}
  WHERE project = site.value${partial} AND time >= ?2 AND time <= ?3
  ORDER BY time DESC LIMIT 1 OFFSET ${share}) AS floor FROM json_each(?1) AS site)`,
    values: [JSON.stringify(projects), filters.span.from, endOf(filters)],
  };
}

/**
 * One page of events, newest first. Each site's own newest ones are found in its index, then the newest of all are
 * taken, so that it costs the same with a million rows as with a thousand.
 */
export function listing({ projects, filters, limit, whole }: Wanted): Query {
  const search = searchOf(filters.search);
  const source = sources[filters.show];
  const { before, span } = filters;
  const values: (string | number)[] = [JSON.stringify(projects), span.from, endOf(filters), limit];
  const bind = (value: string | number): string => `?${values.push(value)}`;
  const order = `ORDER BY time DESC, id DESC LIMIT ?4`;
  const page = before === undefined ? "" : ` AND (time < ?3 OR id < ${bind(before.id)})`;
  const range = `time >= ?2 AND time <= ?3${page}`;
  const and = source.where === undefined ? "" : ` AND ${source.where}`;
  const selected = whole ? "id, time, event" : columns;
  const one = (index: string, term: string): string =>
    `SELECT ${selected} FROM audit_events INDEXED BY audit_events_${index}
  WHERE ${term} AND project IN (SELECT value FROM json_each(?1)) AND ${range}${and} ${order}`;
  const each = (index: string, term: string): string => `SELECT ${selected} FROM audit_events WHERE id IN (
  SELECT hit.id FROM json_each(?1) AS site CROSS JOIN audit_events AS hit WHERE hit.id IN (
    SELECT id FROM audit_events INDEXED BY audit_events_${index}
    WHERE project = site.value AND ${range}${term} ${order})
) ${order}`;
  switch (search.kind) {
    case "person":
      return { sql: one("visitor", `oid = ${bind(search.value)}`), values };
    case "reference":
      return { sql: one("reference", `${parts.reference} = ${bind(search.value)}`), values };
    case "pull":
      return { sql: each("pull", ` AND ${parts.pullRequest} = ${bind(search.value)}${and}`), values };
    case "text": {
      const typed = bind(search.value.toLowerCase());
      const [exact, ascii] = [
        bind(search.value),
        bind(search.value.replace(/[A-Z]/g, (c) => c.toLowerCase())),
      ];
      const found = `(instr(${searched}, ${typed}) OR instr(${searched}, ${ascii}) OR instr(name, ${exact}))`;
      return { sql: each(source.index, `${and} AND ${found}`), values };
    }
    case "none":
      return { sql: each(source.index, and), values };
  }
}

/** The time of the first row that a page may show; its equals are told apart by their ids. */
function endOf({ before, span }: Pick<Filters, "before" | "span">): number {
  return Math.min(before?.time ?? span.to, span.to - 1);
}

/** The term by which a partial index is recognised: the first of a source's. */
function partOf(where = ""): string {
  return [parts.admitted, parts.refused, parts.apart].find((part) => where.startsWith(part)) ?? where;
}
