import type { SiteRow, Viewers } from "../../../../contract/sites/row.ts";
import type { HostSession } from "../../session/host-session.ts";

/** Whose events somebody may look at. */
export interface Scope {
  readonly rows: readonly SiteRow[];
  /** Names of those sites' projects; empty text stands for what is about no site, which owners of the host see. */
  readonly projects: readonly string[];
  readonly owner: boolean;
}

/** Claims younger than this need not be asked for again, whatever a row says: else there would be no end of asking. */
export const settled = 60;

/** For a site whose row has no entry that says how long claims count. */
const defaultRecheck = 3600;

/** Whether a site's policy lets somebody look at its audit events. */
export function mayView(viewers: Viewers | undefined, session: HostSession): boolean {
  return (
    viewers !== undefined &&
    (viewers.groups.some((group) => session.groups.includes(group)) ||
      viewers.roles.some((role) => session.roles.includes(role)))
  );
}

/** All that the default branches' policies let somebody look at, by what his session says. */
export function scopeOf(rows: readonly SiteRow[], session: HostSession): Scope {
  const visible = rows
    .filter(({ viewers }) => mayView(viewers, session))
    .sort((one, other) => (one.project < other.project ? -1 : 1));
  const owner = visible.some((row) => row.owner === true);
  return {
    rows: visible,
    owner,
    projects: [...visible.map(({ project }) => project), ...(owner ? [""] : [])],
  };
}

/**
 * Whether a session's claims are young enough to look at these sites with: none is older than its site's `recheck`, and
 * the sign-in not older than its `lifetime`.
 *
 * @param now seconds since 1970
 */
export function isRecent({ rows }: Scope, session: HostSession, now: number): boolean {
  const entries = rows.flatMap((row) => Object.values(row.entries));
  const recheck = Math.max(settled, Math.min(defaultRecheck, ...entries.map((entry) => entry.recheck)));
  const lifetime = Math.max(settled, Math.min(...entries.map((entry) => entry.lifetime)));
  return session.claimsAt + recheck > now && session.signedInAt + lifetime > now;
}
