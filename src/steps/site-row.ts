import { compilePolicy, groupIds } from "../../contract/policy/compile.ts";
import { canonicalJson } from "../../contract/policy/digest.ts";
import { entryOf } from "../../contract/policy/entry.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import { type SiteRow, schemaVersions, type Viewers, versionTable } from "../../contract/sites/row.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import { productionOrigins } from "../origins.ts";
import { becomes, differences } from "./differences.ts";
import type { Change } from "./trail.ts";

/**
 * What the sign-in host is told of a site: where it lives, and whom the default branch's policy lets in at all.
 * @param owner whether this repository owns the sign-in host
 */
export async function siteRow(project: Project, policy: Policy, owner = false): Promise<SiteRow> {
  const preview = await compilePolicy(policy, "preview");
  const production = await compilePolicy(policy, "production");
  return {
    project: project.name,
    subdomain: project.subdomain,
    origins: productionOrigins(project),
    entries: {
      preview: entryOf(preview),
      // A production that is open to anyone never asks for a ticket.
      ...(production.open ? {} : { production: entryOf(production) }),
    },
    ...(policy.audit?.keep === undefined ? {} : { keep: policy.audit.keep }),
    ...(policy.audit?.viewers === undefined ? {} : { viewers: viewersOf(policy, policy.audit.viewers) }),
    ...(owner ? { owner: true } : {}),
  };
}

function viewersOf({ groups }: Policy, named: NonNullable<NonNullable<Policy["audit"]>["viewers"]>): Viewers {
  return { groups: groupIds(named.groups, groups).sort(), roles: [...(named.roles ?? [])].sort() };
}

type Queries = Pick<CloudflareClient, "query">;

/** What the trail says of a row that was written. */
export function siteWritten({ project, entries }: SiteRow): Change {
  return {
    activity: "update",
    entity: { type: "site", uid: project, name: project },
    comment: `policy ${entries.preview?.digest ?? ""}; gated: ${Object.keys(entries).join(", ")}`,
    project,
  };
}

/** Brings the host's database to what action and host expect; what it has already is not asked for again. */
export async function migrate(cloudflare: Queries, database: string): Promise<void> {
  await cloudflare.query(database, versionTable);
  const [row] = await cloudflare.query(database, "SELECT max(version) AS version FROM gate_schema");
  const has = Number(row?.["version"] ?? 0);
  for (const [index, statements] of schemaVersions.entries()) {
    const version = index + 1;
    if (version <= has) continue;
    const done = `INSERT OR IGNORE INTO gate_schema VALUES (${version})`;
    await cloudflare.query(database, [...statements, done].join(";\n"));
  }
}

/**
 * Writes a site's row where it differs; other sites' rows are not touched.
 * @param now milliseconds since 1970
 * @returns what was and what is, a line each; empty where nothing was written
 * @throws ActionError site-claimed-twice, cloudflare-*
 */
export async function writeSiteRow(
  cloudflare: Queries,
  database: string,
  row: SiteRow,
  now: number,
): Promise<readonly string[]> {
  const rows = await cloudflare.query(database, "SELECT project, data FROM sites");
  refuseSharedOrigins(row, rows);
  const stored = rows.find(({ project }) => project === row.project);
  const wanted = canonicalJson(row);
  if (stored !== undefined && canonical(stored["data"]) === wanted) return [];
  await cloudflare.query(
    database,
    "INSERT INTO sites (project, data, updated_at) VALUES (?1, ?2, ?3) " +
      "ON CONFLICT (project) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at",
    [row.project, wanted, String(Math.floor(now / 1000))],
  );
  const lines = differences(json(stored?.["data"]), JSON.parse(wanted), { whole: true });
  return lines.length > 0 ? lines : [becomes("form", "another", "canonical")];
}

/** The host refuses an origin that two sites claim: better to hear of it here than from visitors. */
function refuseSharedOrigins(row: SiteRow, rows: readonly Readonly<Record<string, unknown>>[]): void {
  for (const { project, data } of rows) {
    if (project === row.project) continue;
    const shared = originsOf(data).filter((origin) => row.origins.includes(origin));
    if (shared.length > 0)
      throw new ActionError(
        "site-claimed-twice",
        `${shared.join(", ")}: ${row.project} and ${String(project)}.`,
      );
  }
}

function originsOf(data: unknown): string[] {
  const parsed = json(data);
  if (typeof parsed !== "object" || parsed === null || !("origins" in parsed)) return [];
  return Array.isArray(parsed.origins) ? parsed.origins.filter((one) => typeof one === "string") : [];
}

function canonical(data: unknown): string | undefined {
  const parsed = json(data);
  return parsed === undefined ? undefined : canonicalJson(parsed);
}

function json(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
