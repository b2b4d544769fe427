import { parts } from "../../../../contract/audit/database.ts";
import type { Query, Span } from "../../../../contract/audit/queries.ts";

/** More than this in one bar is not counted: the bar is as high as it gets. */
export const mostCounted = 20_000;
/** So many people are looked at for newcomers. */
const mostPeople = 20_000;
export const mostNewcomers = 50;

const minute = 60_000;
const sizes = [5, 15, 60, 180, 360, 720, 1440, 10_080, 43_200, 129_600].map((minutes) => minutes * minute);
const mostBars = 61;

/** Time cut into bars of one length that begin at round moments (UTC). */
export interface Bars {
  readonly from: number;
  readonly size: number;
  readonly count: number;
}

export function barsOf({ from, to }: Span): Bars {
  const size = sizes.find((one) => (to - from) / one <= mostBars - 1) ?? (sizes.at(-1) as number);
  const start = Math.floor(from / size) * size;
  return { from: start, size, count: Math.ceil((to - start) / size) };
}

/** Per bar: let in, refused, and refused without anybody being known. A person's own where `oid` is given. */
export function counts(projects: readonly string[], bars: Bars, oid?: string): Query {
  const within = "time >= ?2 + bar.value * ?3 AND time < ?2 + (bar.value + 1) * ?3";
  const of = (index: string, term: string, more = ""): string => {
    const from =
      oid === undefined
        ? `json_each(?1) AS site CROSS JOIN audit_events INDEXED BY audit_events_${index} WHERE project = site.value`
        : "audit_events INDEXED BY audit_events_visitor WHERE oid = ?5 AND project IN (SELECT value FROM json_each(?1))";
    return `(SELECT count(*) FROM (SELECT 1 FROM ${from} AND ${term}${more} AND ${within} LIMIT ${mostCounted}))`;
  };
  return {
    sql: `SELECT bar.value AS bar, ${of("admitted", parts.admitted)} AS admitted,
  ${of("refused", parts.refused)} AS refused, ${of("refused", parts.refused, " AND oid IS NULL")} AS nobody
FROM json_each(?4) AS bar`,
    values: [
      JSON.stringify(projects),
      bars.from,
      bars.size,
      JSON.stringify(Array.from({ length: bars.count }, (_, bar) => bar)),
      ...(oid === undefined ? [] : [oid]),
    ],
  };
}

/**
 * People whose first event of all that are kept lies in a span: visitors from nowhere. One look into the index per
 * person, however many events each has.
 */
export function newcomers(projects: readonly string[], { from, to }: Span): Query {
  return {
    sql: `WITH RECURSIVE people (oid) AS (
  SELECT min(oid) FROM audit_events INDEXED BY audit_events_visitor WHERE oid > ''
  UNION ALL SELECT (SELECT min(oid) FROM audit_events INDEXED BY audit_events_visitor WHERE oid > people.oid)
  FROM people WHERE people.oid IS NOT NULL LIMIT ${mostPeople}
)
SELECT first.time, first.oid, first.name, first.origin, first.project, first.event ->> '$.status_id' AS status,
  first.event ->> '$.unmapped.visitor_kind' AS kind
FROM people CROSS JOIN audit_events AS first
WHERE first.id = (SELECT id FROM audit_events INDEXED BY audit_events_visitor WHERE oid = people.oid ORDER BY time LIMIT 1)
  AND first.time >= ?2 AND first.time < ?3 AND first.project IN (SELECT value FROM json_each(?1))
ORDER BY first.time DESC LIMIT ${mostNewcomers}`,
    values: [JSON.stringify(projects), from, to],
  };
}

/** Whether anything is kept from before a span: else everybody is new. */
export function anythingBefore(projects: readonly string[], { from }: Span): Query {
  return {
    sql: `SELECT max(EXISTS (SELECT 1 FROM audit_events INDEXED BY audit_events_age
  WHERE project = site.value AND time < ?2)) AS any FROM json_each(?1) AS site`,
    values: [JSON.stringify(projects), from],
  };
}

/** A bar with far more refusals than the others around it. */
export interface Burst {
  readonly bar: number;
  readonly refused: number;
  readonly usual: number;
}

/**
 * Bursts: at least five refusals, and three times what the median bar with any has, or four standard deviations over
 * the mean of all. The highest first, at most three.
 */
export function burstsOf(refused: readonly number[]): Burst[] {
  if (refused.length === 0) return [];
  const mean = refused.reduce((sum, one) => sum + one, 0) / refused.length;
  const spread = Math.sqrt(refused.reduce((sum, one) => sum + (one - mean) ** 2, 0) / refused.length);
  const sorted = [...refused].sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return refused
    .map((count, bar) => ({ bar, refused: count, usual }))
    .filter(
      ({ refused: count }) => count >= 5 && count >= 3 * Math.max(1, usual) && count > mean + 2 * spread,
    )
    .sort((a, b) => b.refused - a.refused)
    .slice(0, 3);
}
