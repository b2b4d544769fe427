import type { SiteRow } from "../../../../contract/sites/row.ts";
import type { HostSettings } from "../settings.ts";
import { credentialMade, siteStates } from "./previews-queries.ts";
import { ask, number, type Row, text } from "./reader.ts";
import type { Scope } from "./scope.ts";

/** What an event of the action's says. */
export interface Told {
  readonly time: number;
  readonly commit: string;
  readonly comment: string;
  readonly success: boolean;
}

/** What is known of one environment of a site. */
export interface EnvironmentState {
  readonly name: "preview" | "production";
  readonly state: "gated" | "report" | "open";
  /** In words, from the site's row. */
  readonly who: string;
  readonly digest: string;
  readonly deployed: Told | undefined;
}

export interface SiteState {
  readonly row: SiteRow;
  /** When somebody was last let in; 0 for never, as far as is kept. */
  readonly seen: number;
  /** What the action last found when it looked from outside at all that the site has. */
  readonly checked: Told | undefined;
  readonly environments: readonly EnvironmentState[];
}

/** One key or credential of the sign-in host. */
export interface KeyState {
  readonly what: string;
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970; undefined where it is not known. */
  readonly ends: number | undefined;
}

/** @throws GateFault `audit-unavailable` */
export async function readSites(
  settings: HostSettings,
  { rows, owner }: Scope,
): Promise<{ readonly sites: readonly SiteState[]; readonly keys: readonly KeyState[] | undefined }> {
  const projects = rows.map(({ project }) => project);
  const [states = [], [credential] = []] = await ask(settings.database, [
    siteStates(projects),
    credentialMade(settings.entraKeyId),
  ]);
  const sites = rows.map((row) => {
    const state = states.find(({ project }) => project === row.project) ?? {};
    return {
      row,
      seen: number(state["seen"]),
      checked: toldBy(state["checked"]),
      environments: environmentsOf(row, state),
    };
  });
  return { sites, keys: owner ? keysOf(settings, credential) : undefined };
}

function environmentsOf({ entries }: SiteRow, state: Row): EnvironmentState[] {
  return (["production", "preview"] as const).map((name) => {
    const entry = entries[name];
    return {
      name,
      state: entry === undefined ? "open" : entry.report ? "report" : "gated",
      who: entry === undefined ? "" : whoOf(entry),
      digest: entry?.digest ?? "",
      deployed: toldBy(state[name]),
    };
  });
}

function whoOf(entry: NonNullable<SiteRow["entries"]["preview"]>): string {
  return [
    ...(entry.members ? ["members"] : []),
    ...(entry.guests ? ["guests"] : []),
    ...entry.groups.map((id) => entry.groupNames[id] ?? id),
    ...entry.roles,
    ...entry.apps.map((id) => `app ${id}`),
  ].join(", ");
}

function toldBy(event: unknown): Told | undefined {
  if (typeof event !== "string") return undefined;
  const { time, comment, status_id, unmapped } = JSON.parse(event) as Row & { readonly unmapped?: Row };
  return {
    time: number(time),
    commit: text(unmapped?.["commit"]),
    comment: text(comment),
    success: status_id === 1,
  };
}

function keysOf({ signing, cookieKeys, entraKeyId }: HostSettings, credential: Row | undefined): KeyState[] {
  const expires = number(credential?.["expires"]);
  return [
    { what: "Entra credential", id: entraKeyId, active: true, ends: expires === 0 ? undefined : expires },
    ...signing.all.map(({ kid, publicKey }) => ({
      what: "Ticket-signing key",
      id: kid,
      active: kid === signing.active.kid,
      ends: publicKey.not_after * 1000,
    })),
    ...[...cookieKeys.byId].map(([kid, { notAfter }]) => ({
      what: "Cookie key",
      id: kid,
      active: kid === cookieKeys.active,
      ends: notAfter * 1000,
    })),
  ];
}
