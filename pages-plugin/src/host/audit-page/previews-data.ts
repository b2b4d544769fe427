import type { SiteRow } from "../../../../contract/sites/row.ts";
import type { Database } from "../site-directory.ts";
import type { Filters } from "./filters.ts";
import { deployments, mostTickets, pulls, pullsAtOnce, tickets } from "./previews-queries.ts";
import { ask, number, type Row, text } from "./reader.ts";

export interface PullSummary {
  readonly number: number;
  readonly last: number;
  readonly people: number;
  readonly deployments: number;
}

/** @throws GateFault `audit-unavailable` */
export async function readPulls(
  database: Database,
  project: string,
  before: number | undefined,
): Promise<{ readonly pulls: readonly PullSummary[]; readonly next: number | undefined }> {
  const [rows = []] = await ask(database, [pulls(project, before)]);
  const found = rows.map((row) => ({
    number: number(row["number"]),
    last: number(row["last"]),
    people: number(row["people"]),
    deployments: number(row["deployments"]),
  }));
  const shown = found.slice(0, pullsAtOnce);
  return { pulls: shown, next: found.length > pullsAtOnce ? shown.at(-1)?.number : undefined };
}

export interface DeploymentFact {
  readonly time: number;
  readonly url: string;
  readonly commit: string;
  readonly comment: string;
  readonly login: string;
  readonly run: string;
  readonly success: boolean;
  readonly code: string;
  readonly deleted: boolean;
  readonly origins: readonly string[];
}

/** Somebody who was let in while a commit stood at an address. */
export interface Sighting {
  readonly oid: string;
  readonly name: string;
  readonly guest: boolean;
  /** Empty where it can't be told: the deployment's event is older than what is kept. */
  readonly commit: string;
  readonly origin: string;
  readonly first: number;
  last: number;
  times: number;
}

export interface Preview {
  readonly deployments: readonly DeploymentFact[];
  readonly sightings: readonly Sighting[];
  /** There were more tickets than are looked at; the oldest are not among them. */
  readonly cut: boolean;
}

/** Who saw one pull request's preview, or production, and at which commit. @throws GateFault `audit-unavailable` */
export async function readPreview(
  database: Database,
  row: SiteRow,
  pull: number | "production",
  { span }: Filters,
): Promise<Preview> {
  const [found = []] = await ask(database, [deployments(row.project, pull)]);
  const facts = found.map(deploymentOf);
  const scheme = new URL(row.origins[0] ?? `https://${row.subdomain}`).protocol;
  const fixed = pull === "production" ? row.origins : [`${scheme}//pr-${pull}.${row.subdomain}`];
  const origins = [...new Set([...fixed, ...facts.flatMap((fact) => fact.origins)])];
  const [seen = []] = await ask(database, [tickets(row.project, origins, span)]);
  return { deployments: facts, sightings: sightingsOf(seen, facts), cut: seen.length === mostTickets };
}

function deploymentOf(row: Row): DeploymentFact {
  return {
    time: number(row["time"]),
    url: text(row["url"]),
    commit: text(row["commit"]),
    comment: text(row["comment"]),
    login: text(row["login"]),
    run: text(row["run"]),
    success: row["status"] === 1,
    code: text(row["code"]),
    deleted: row["activity"] === 4,
    origins: listOf(text(row["origins"])),
  };
}

function listOf(json: string): string[] {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

/** Tickets put together by person, address and commit, the newest first. */
export function sightingsOf(tickets: readonly Row[], deployments: readonly DeploymentFact[]): Sighting[] {
  const made = deployments.filter(({ deleted }) => !deleted).sort((a, b) => b.time - a.time);
  const sightings = new Map<string, Sighting>();
  for (const ticket of [...tickets].reverse()) {
    const [time, origin, oid] = [number(ticket["time"]), text(ticket["origin"]), text(ticket["oid"])];
    const at = made.find((one) => one.origins.includes(origin) && one.time <= time);
    const commit = at?.commit ?? made.find(({ url }) => url === origin)?.commit ?? "";
    const key = `${oid} ${origin} ${commit}`;
    const sighting = sightings.get(key);
    if (sighting === undefined) {
      const [name, guest] = [text(ticket["name"]), ticket["kind"] === "guest"];
      sightings.set(key, { oid, name, guest, commit, origin, first: time, last: time, times: 1 });
    } else {
      sighting.last = time;
      sighting.times += 1;
    }
  }
  return [...sightings.values()].sort((a, b) => b.last - a.last);
}
