import * as v from "valibot";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { GateFault } from "../http/fault.ts";
import { inTime } from "./in-time.ts";
import { type NamedSet, namedByAll } from "./named-set.ts";

/** The little of D1's binding that the host uses. */
export interface Database {
  prepare(sql: string): Statement;
  /** Runs all in one transaction. */
  batch(statements: readonly Statement[]): Promise<unknown>;
}

interface Statement {
  bind(...values: readonly (string | number)[]): Statement;
  all(): Promise<{ readonly results: readonly unknown[] }>;
}

/** Every site that this host knows, at one moment. */
export interface Sites {
  readonly rows: readonly SiteRow[];
  /** Groups and roles that any of them names. */
  readonly named: NamedSet;
}

export interface SiteDirectory {
  /** @throws GateFault `sites-unavailable` */
  read(): Promise<Sites>;
}

export const selectSites = "SELECT project, data FROM sites";

const keepFor = 60_000;

const texts = v.array(v.string());
const seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const entry = v.object({
  environment: v.picklist(["preview", "production"]),
  digest: v.string(),
  anyone: v.boolean(),
  members: v.boolean(),
  guests: v.boolean(),
  groups: texts,
  roles: texts,
  apps: texts,
  scopes: v.exactOptional(texts),
  groupNames: v.record(v.string(), v.string()),
  lifetime: seconds,
  recheck: seconds,
  contact: v.exactOptional(v.string()),
  name: v.exactOptional(v.string()),
  report: v.exactOptional(v.boolean()),
  stepUp: v.exactOptional(v.object({ within: v.array(seconds), contexts: texts })),
});
const row = v.object({
  project: v.string(),
  subdomain: v.string(),
  origins: texts,
  entries: v.object({ preview: v.optional(entry), production: v.optional(entry) }),
  viewers: v.exactOptional(v.object({ groups: texts, roles: texts })),
  owner: v.exactOptional(v.literal(true)),
});

/**
 * The rows of the sites table, kept for 60 seconds in this isolate's memory and no longer: what can't be read anew is
 * not used, since it may have been taken away.
 *
 * @param deps now in milliseconds; log takes one line
 */
export function createSiteDirectory(
  database: Database,
  deps: { readonly now: () => number; readonly log: (line: string) => void },
): SiteDirectory {
  let kept: { readonly sites: Sites; readonly until: number } | undefined;
  return {
    async read() {
      if (kept && deps.now() < kept.until) return kept.sites;
      const results = await selectRows(database);
      const rows = results.flatMap((result) => readRow(result, deps.log));
      const sites = { rows, named: await namedByAll(rows) };
      kept = { sites, until: deps.now() + keepFor };
      return sites;
    },
  };
}

async function selectRows(database: Database): Promise<readonly unknown[]> {
  try {
    return (await inTime(database.prepare(selectSites).all())).results;
  } catch (cause) {
    throw new GateFault("sites-unavailable", cause instanceof Error ? cause.name : "", { cause });
  }
}

/** A row that can't be read admits nobody to its own site and does no harm to the others. */
function readRow(result: unknown, log: (line: string) => void): SiteRow[] {
  const { project, data } = result as { project?: unknown; data?: unknown };
  try {
    const parsed = v.parse(row, JSON.parse(String(data)));
    if (parsed.project !== project) throw new TypeError("project");
    return [parsed as SiteRow];
  } catch {
    const name = typeof project === "string" ? project.replace(/[^\w.-]/g, "?").slice(0, 64) : "?";
    log(JSON.stringify({ level: "error", code: "site-row-invalid", project: name }));
    return [];
  }
}
