import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import type { Entry } from "../../../contract/policy/model.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import type { Page, PageAction } from "../http/pages.ts";
import { askingPath } from "./authorize-parameters.ts";
import type { Exchange } from "./exchange.ts";

/** Refusals that another account may not meet. */
const ofThisAccount: ReadonlySet<HostErrorCode> = new Set([
  "entry-refused",
  "entry-refused-groups-missing",
  "entra-access-denied",
  "entra-interaction-required",
]);

/**
 * What a refusal's page says beyond the code's own text: whom the site's rules would let in, by the names that its
 * policy gives them, and where to go from here. Never who is in a group, and never where an unknown site pointed.
 */
export function refusalPage(
  code: HostErrorCode,
  exchange: Exchange,
): Pick<Page, "list" | "actions"> & Partial<Pick<Page, "title">> {
  const { wanted, site, session } = exchange;
  const wayBack = wanted?.origin ?? exchange.wayBack;
  const actions: PageAction[] = [];
  if (wanted && ofThisAccount.has(code)) {
    actions.push({ href: askingPath(wanted, asking.account), label: "Use another account" });
  }
  const refused = site && session && code.startsWith("entry-refused");
  if (wanted && refused)
    actions.push({ href: askingPath(wanted, asking.again), label: "I was just given access" });
  else if (wayBack) actions.push({ href: `${wayBack}/`, label: "Try again" });
  return {
    actions,
    ...(hostErrors[code].status === 400 ? { title: "Sign-in was not finished" } : {}),
    ...(refused ? { list: whoMay(site.entry, session.name) } : {}),
  };
}

function whoMay(entry: Entry, name: string): string[] {
  return [
    ...(name === "" ? [] : [`Signed in as: ${name}`]),
    ...(entry.members ? ["Let in: members of the organisation, not guests"] : []),
    ...(entry.guests ? ["Let in: guests of the organisation"] : []),
    ...(entry.contact ? [`Who can help: ${entry.contact}`] : []),
    ...entry.groups.map((id) => `Let in: the group “${entry.groupNames[id] ?? id}”`),
    ...entry.roles.map((role) => `Let in: the role “${role}”`),
  ];
}
