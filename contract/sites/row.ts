import { auditSchema } from "../audit/database.ts";
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

/** Statements that bring an empty or an older database to what host and action expect; each may be run again. */
export const databaseSchema = [
  "CREATE TABLE IF NOT EXISTS sites (project TEXT PRIMARY KEY, data TEXT NOT NULL, updated_at INTEGER NOT NULL)",
  ...auditSchema,
] as const;
