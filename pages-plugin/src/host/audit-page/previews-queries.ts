import { parts } from "../../../../contract/audit/database.ts";
import type { Query, Span } from "../../../../contract/audit/queries.ts";

export const pullsAtOnce = 25;
export const mostDeployments = 100;
export const mostTickets = 2_000;

const changed = `${parts.apart} AND event ->> '$.class_uid' = 3004`;
const deployed = `${changed} AND event ->> '$.entity.type' = 'deployment'`;
const ofPull = `project = ?1 AND ${parts.pullRequest} = pulls.number`;

/**
 * Pull requests of a site, the newest first, with who was let in: under the alias, or under an address that one of its
 * deployments has. One look into the index leads from one number to the next.
 *
 * @param before number that the last page ended with
 */
export function pulls(project: string, before: number | undefined): Query {
  const next = (below: string): string =>
    `SELECT max(${parts.pullRequest}) FROM audit_events INDEXED BY audit_events_pull
    WHERE project = ?1 AND ${parts.pullRequest} IS NOT NULL AND ${parts.pullRequest} < ${below}`;
  return {
    sql: `WITH RECURSIVE pulls (number) AS (
  ${next("?2")}
  UNION ALL SELECT (${next("pulls.number")}) FROM pulls WHERE pulls.number IS NOT NULL LIMIT ${pullsAtOnce + 1}
)
SELECT number, (SELECT max(time) FROM audit_events INDEXED BY audit_events_pull WHERE ${ofPull}) AS last,
  (SELECT count(DISTINCT oid) FROM (
    SELECT oid FROM audit_events INDEXED BY audit_events_pull WHERE ${ofPull} AND seen
    UNION ALL
    SELECT saw.oid FROM (
      SELECT DISTINCT place.value AS origin FROM audit_events AS made INDEXED BY audit_events_pull,
        json_each(made.event, '$.unmapped.origins') AS place
      WHERE made.project = ?1 AND made.event ->> '$.unmapped.pull_request' = pulls.number LIMIT ${mostDeployments}
    ) AS at CROSS JOIN audit_events AS saw INDEXED BY audit_events_seen ON saw.seen AND saw.origin = at.origin
    LIMIT ${mostTickets})) AS people,
  (SELECT count(*) FROM (SELECT 1 FROM audit_events INDEXED BY audit_events_pull
    WHERE ${ofPull} AND ${deployed} LIMIT ${mostDeployments})) AS deployments
FROM pulls WHERE number IS NOT NULL`,
    values: [project, before ?? Number.MAX_SAFE_INTEGER],
  };
}

/** Deployments of one pull request or of production, the newest first. */
export function deployments(project: string, pull: number | "production"): Query {
  const columns = `time, event ->> '$.status_id' AS status, event ->> '$.status_code' AS code,
  event ->> '$.activity_id' AS activity, event ->> '$.entity.name' AS url, event ->> '$.comment' AS comment,
  event ->> '$.unmapped.commit' AS "commit", event ->> '$.unmapped.run' AS run, name AS login,
  event ->> '$.unmapped.origins' AS origins`;
  const order = `ORDER BY time DESC LIMIT ${mostDeployments}`;
  return pull === "production"
    ? {
        sql: `SELECT ${columns} FROM audit_events INDEXED BY audit_events_apart
  WHERE project = ?1 AND ${deployed} AND environment = 'production' ${order}`,
        values: [project],
      }
    : {
        sql: `SELECT ${columns} FROM audit_events INDEXED BY audit_events_pull
  WHERE project = ?1 AND ${parts.pullRequest} = ?2 AND ${deployed} ${order}`,
        values: [project, pull],
      };
}

/** Tickets for some origins, the newest first: who was let in where and when. */
export function tickets(project: string, origins: readonly string[], { from, to }: Span): Query {
  return {
    sql: `SELECT saw.time, saw.oid, saw.name, saw.origin, saw.event ->> '$.unmapped.visitor_kind' AS kind
FROM (SELECT DISTINCT value AS origin FROM json_each(?2)) AS at
CROSS JOIN audit_events AS saw INDEXED BY audit_events_seen ON saw.seen AND saw.origin = at.origin
WHERE saw.project = ?1 AND saw.time >= ?3 AND saw.time < ?4 ORDER BY saw.time DESC LIMIT ${mostTickets}`,
    values: [project, JSON.stringify(origins), from, to],
  };
}

/**
 * Of each site: when somebody was last let in, what was last deployed to production and as a preview, and what the action
 * last found when it checked the site from outside (entity `site`, activity read).
 */
export function siteStates(projects: readonly string[]): Query {
  const latest = (kind: string, term: string): string => `(SELECT event FROM (
    SELECT event, environment FROM audit_events INDEXED BY audit_events_apart
    WHERE project = site.value AND ${changed} AND event ->> '$.entity.type' = '${kind}' ORDER BY time DESC LIMIT 200)
  WHERE ${term} LIMIT 1)`;
  const deployedTo = (environment: string): string => latest("deployment", `environment = '${environment}'`);
  return {
    sql: `SELECT site.value AS project,
  (SELECT max(time) FROM audit_events INDEXED BY audit_events_admitted WHERE project = site.value AND ${parts.admitted}) AS seen,
  ${deployedTo("production")} AS production, ${deployedTo("preview")} AS preview,
  ${latest("site", "event ->> '$.activity_id' = 2")} AS checked
FROM json_each(?1) AS site`,
    values: [JSON.stringify(projects)],
  };
}

/** The event that tells when a credential was made and ends. */
export function credentialMade(id: string): Query {
  return {
    sql: `SELECT time, event ->> '$.unmapped.expires' AS expires FROM audit_events INDEXED BY audit_events_apart
  WHERE project = '' AND ${parts.apart} AND event ->> '$.class_uid' = 3004 AND event ->> '$.entity.type' = 'credential'
    AND lower(event ->> '$.entity.uid') = ?1 AND event ->> '$.activity_id' = 1 ORDER BY time DESC LIMIT 1`,
    values: [id.toLowerCase()],
  };
}
