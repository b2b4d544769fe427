import { auditVersions } from "../audit/database.ts";
import type { Entry } from "../policy/model.ts";

/** One gated Pages project as the sign-in host knows it: one row of its D1 table `sites`, kept as JSON. */
export interface SiteRow {
  /** Name of the Pages project, the row's key. */
  readonly project: string;
  /** `subdomain` exactly as Cloudflare's API gave it (`demo.pages.dev`); deployments live one label below it. */
  readonly subdomain: string;
  /** Exact production origins: the project's own and its custom domains. */
  readonly origins: readonly string[];
  readonly entries: { readonly preview?: Entry; readonly production?: Entry };
  /** Seconds that the host keeps this site's audit events; absent: the default of contract/audit/database.ts. */
  readonly keep?: number;
  /** Who may look at this site's audit events: object ids of groups, values of roles. Absent: nobody. */
  readonly viewers?: Viewers;
  /** The repository of this site owns the sign-in host: its viewers see what is about no site, too. */
  readonly owner?: true;
}

/** Any of these. */
export interface Viewers {
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

const sites =
  "CREATE TABLE IF NOT EXISTS sites (project TEXT PRIMARY KEY, data TEXT NOT NULL, updated_at INTEGER NOT NULL)";

/** Which versions of the schema a database has; version n is `schemaVersions[n - 1]`. */
export const versionTable = "CREATE TABLE IF NOT EXISTS gate_schema (version INTEGER PRIMARY KEY)";

/** What each version adds to a host's database. Each statement may be run again, so an interruption does no harm. */
export const schemaVersions: readonly (readonly string[])[] = auditVersions.map((statements, index) =>
  index === 0 ? [sites, ...statements] : statements,
);

/** Everything that brings an empty or an older database to what host and action expect. */
export const databaseSchema: readonly string[] = [versionTable, ...schemaVersions.flat()];
