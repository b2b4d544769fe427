/** One statement with its values, for D1's `prepare(sql).bind(...values)` as for its HTTP API. */
export interface Query {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Adds one event: `?1` is its JSON. */
export const insertEvent = "INSERT INTO audit_events (event) VALUES (?1)";

/**
 * Adds events that are not there yet: `?1` is a JSON list of them. Safe to run again after a lost answer, as events are
 * told apart by their `metadata.uid`.
 */
export const insertNewEvents =
  "INSERT INTO audit_events (event) SELECT new.value FROM json_each(?1) AS new WHERE NOT EXISTS (" +
  "SELECT 1 FROM audit_events AS kept WHERE kept.project = coalesce(new.value ->> '$.unmapped.project', '') " +
  "AND kept.time = new.value ->> '$.time' AND kept.event ->> '$.metadata.uid' = new.value ->> '$.metadata.uid')";

/** A span of time, in milliseconds since 1970; `to` is not part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** So many rows one page has at most; that stays far below D1's limits. */
export const mostAnswers = 1000;

/** Somebody who was let in to one origin. */
export interface Viewer {
  readonly tid: string;
  readonly oid: string;
  /** As Entra gave it, for reading only; empty where it gave none. */
  readonly name: string;
  /** First and last time within the span that was asked for, in milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** How often: tickets at the sign-in host (one per `recheck`), requests in a site's own database. */
  readonly times: number;
}

/**
 * Who saw a preview (or a production site): everybody who was let in to an origin, in the order of their object ids.
 *
 * @param asked origin as a browser writes it: `https://pr-7.demo.pages.dev`; for the next page, `after` is the object
 *   id of the last one
 */
export function whoSaw(asked: Span & { readonly origin: string; readonly after?: string }): Query {
  return {
    sql:
      "SELECT min(tid) AS tid, oid, max(name) AS name, min(time) AS first, max(time) AS last, count(*) AS times " +
      "FROM audit_events INDEXED BY audit_events_seen " +
      "WHERE seen AND origin = ?1 AND oid > ?2 AND time >= ?3 AND time < ?4 " +
      `GROUP BY oid ORDER BY oid LIMIT ${mostAnswers}`,
    values: [asked.origin, asked.after ?? "", asked.from, asked.to],
  };
}

/** @throws TypeError for a row that `whoSaw` did not ask for */
export function readViewer(row: unknown): Viewer {
  const { tid, oid, name, first, last, times } = Object(row) as Row;
  return {
    tid: text(tid ?? ""),
    oid: text(oid),
    name: text(name ?? ""),
    first: number(first),
    last: number(last),
    times: number(times),
  };
}

/** One time that somebody was let in somewhere. */
export interface Opening {
  readonly time: number;
  readonly project: string;
  readonly environment: string;
  readonly origin: string;
  /** The whole OCSF event. */
  readonly event: Readonly<Record<string, unknown>>;
}

/**
 * What somebody opened, newest first. For the next page, `to` is the time of the last one plus one,
 * so that nothing of that millisecond is missed; what is there twice has the same `metadata.uid`.
 *
 * @param asked tenant and object id, lower-case GUIDs
 */
export function whatOpened(asked: Span & { readonly tid: string; readonly oid: string }): Query {
  return {
    sql:
      "SELECT time, project, environment, origin, event FROM audit_events INDEXED BY audit_events_visitor " +
      "WHERE oid = ?1 AND tid = ?2 AND seen AND time >= ?3 AND time < ?4 " +
      `ORDER BY time DESC, id DESC LIMIT ${mostAnswers}`,
    values: [asked.oid, asked.tid, asked.from, asked.to],
  };
}

/** @throws TypeError or SyntaxError for a row that `whatOpened` did not ask for */
export function readOpening(row: unknown): Opening {
  const { time, project, environment, origin, event } = Object(row) as Row;
  return {
    time: number(time),
    project: text(project),
    environment: text(environment ?? ""),
    origin: text(origin),
    event: Object(JSON.parse(text(event))) as Opening["event"],
  };
}

/**
 * Takes away all that is kept about one person, refusals included (docs/privacy.md).
 *
 * @param person tenant and object id, lower-case GUIDs
 */
export function erasePerson(person: { readonly tid: string; readonly oid: string }): Query {
  return {
    sql: "DELETE FROM audit_events WHERE oid = ?1 AND tid = ?2",
    values: [person.oid, person.tid],
  };
}

type Row = Readonly<Record<string, unknown>>;

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("an audit row holds no text where one belongs");
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("an audit row holds no number where one belongs");
  return value;
}
