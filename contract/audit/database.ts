/** Days that a site's events are kept where its policy says nothing. */
export const keptByDefault = 90;

const daySeconds = 86_400;
const user = (key: string): string => `coalesce(event ->> '$.user.${key}', event ->> '$.actor.user.${key}')`;
const url = "event ->> '$.http_request.url.";

/** Parts of an event that are no columns; a query finds their index only where it writes them just so. */
export const parts = {
  pullRequest: "event ->> '$.unmapped.pull_request'",
  reference: "event ->> '$.unmapped.reference'",
  admitted: "seen AND event ->> '$.class_uid' = 3002",
  refused: "event ->> '$.status_id' = 2",
  /** What the action changed, and looks at the audit page. */
  apart: "event ->> '$.class_uid' <> 3002",
} as const;

const index = (name: string, columns: string, where = ""): string =>
  `CREATE INDEX IF NOT EXISTS audit_events_${name} ON audit_events (${columns})${where && ` WHERE ${where}`}`;

/**
 * Statements that bring a D1 database to what audit events need, one list a version; a version's list is never changed
 * once it was published, and each statement may be run again.
 *
 * An event is kept as it was written; what is asked for is taken out of it by the database, so that the gate only ever
 * hands over one text. `seen` marks that somebody known was let in: a ticket of the sign-in host (3002, activity 99) or
 * an allowed request to a site (6001). What came after version 1 are indexes, which need no old row to be written anew.
 *
 * @see developers.cloudflare.com/d1/reference/generated-columns, sqlite.org/expridx.html
 */
export const auditVersions: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS audit_events (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL CHECK (json_valid(event)),
  time INTEGER GENERATED ALWAYS AS (event ->> '$.time') STORED,
  project TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.unmapped.project', '')) STORED,
  environment TEXT GENERATED ALWAYS AS (event ->> '$.unmapped.environment') STORED,
  origin TEXT GENERATED ALWAYS AS (coalesce(event ->> '$.service.name', substr(${url}url_string', 1,
    length(${url}url_string') - length(${url}path')))) STORED,
  tid TEXT GENERATED ALWAYS AS (${user("org.uid")}) STORED,
  oid TEXT GENERATED ALWAYS AS (${user("uid")}) STORED,
  name TEXT GENERATED ALWAYS AS (${user("name")}) STORED,
  seen INTEGER GENERATED ALWAYS AS (event ->> '$.status_id' = 1 AND ${user("uid")} IS NOT NULL
    AND (event ->> '$.class_uid' = 6001 OR event ->> '$.type_uid' = 300299)) STORED
)`,
    index("seen", "origin, oid, time", "seen"),
    index("visitor", "oid, time"),
    index("age", "project, time"),
  ],
  [
    index("admitted", "project, time", parts.admitted),
    index("refused", "project, time", parts.refused),
    index("apart", "project, time", parts.apart),
    index("pull", `project, ${parts.pullRequest}, time`, `${parts.pullRequest} IS NOT NULL`),
    index("reference", parts.reference, `${parts.reference} IS NOT NULL`),
  ],
];

/** All of it, for a database of one's own. */
export const auditSchema: readonly string[] = auditVersions.flat();

/** So many rows one run of `deleteExpired` takes away at most: D1 does one query at a time. */
export const deletedAtOnce = 500;

/**
 * Takes away what is older than its site's row (`keep`, seconds) allows; what belongs to no site has the default.
 * `?1` is now, in milliseconds since 1970. Sites come first in the join, so that each costs one look into the index.
 */
export const deleteExpired = `WITH kept AS (
  SELECT project, CASE WHEN NOT json_valid(data) THEN ${keptByDefault * daySeconds}
    WHEN json_type(data, '$.keep') = 'integer' THEN max(data ->> '$.keep', ${daySeconds})
    ELSE ${keptByDefault * daySeconds} END AS seconds FROM sites
  UNION ALL SELECT '', ${keptByDefault * daySeconds}
)
DELETE FROM audit_events WHERE id IN (
  SELECT old.id FROM kept CROSS JOIN audit_events AS old
  WHERE old.project = kept.project AND old.time < ?1 - kept.seconds * 1000 LIMIT ${deletedAtOnce}
)`;
