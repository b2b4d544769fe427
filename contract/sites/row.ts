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
}

/** Statements that bring an empty or an older database to what host and action expect; each may be run again. */
export const databaseSchema = [
  "CREATE TABLE IF NOT EXISTS sites (project TEXT PRIMARY KEY, data TEXT NOT NULL, updated_at INTEGER NOT NULL)",
  ...auditSchema,
] as const;
