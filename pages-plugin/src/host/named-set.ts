import { digestOf } from "../../../contract/policy/digest.ts";
import type { SiteRow, Viewers } from "../../../contract/sites/row.ts";

/** Groups and roles that policies name: nothing else of a visitor is kept. */
export interface NamedSet {
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  /** Changes with the set: a session made for another one may lack what is asked for now. */
  readonly digest: string;
}

/** What all the sites name together. */
export function namedByAll(rows: readonly SiteRow[]): Promise<NamedSet> {
  return namedBy(rows.flatMap((row) => [...Object.values(row.entries), row.viewers]));
}

/** What one site names, in either environment: the fallback where all together don't fit into a cookie. */
export function namedBySite(row: SiteRow): Promise<NamedSet> {
  return namedBy(Object.values(row.entries));
}

/** What sites name for who may look at their audit events: the fallback of that page. */
export function namedByViewers(rows: readonly SiteRow[]): Promise<NamedSet> {
  return namedBy(rows.map((row) => row.viewers));
}

/** What some lists of people name. */
export async function namedBy(lists: readonly (Viewers | undefined)[]): Promise<NamedSet> {
  const groups = new Set(lists.flatMap((list) => list?.groups ?? []));
  const roles = new Set(lists.flatMap((list) => list?.roles ?? []));
  const digest = await digestOf({ groups: [...groups].sort(), roles: [...roles].sort() });
  return { groups, roles, digest };
}
