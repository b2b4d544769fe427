import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import type { HostText } from "../../../contract/texts/host.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import type { Page, PageAction } from "../http/pages.ts";
import { whoMay } from "../http/who-may.ts";
import type { HostSession } from "../session/host-session.ts";
import { askingPath } from "./authorize-parameters.ts";
import type { Exchange } from "./exchange.ts";
import type { MatchedSite } from "./site-match.ts";

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
export function refusalPage(code: HostErrorCode, exchange: Exchange): Partial<Page<HostText>> {
  const { wanted, site, session, page } = exchange;
  const title = titleOf(code);
  // Before the sites were read again there is only its address to call a site by.
  const name = site ? nameOf(site) : wanted && new URL(wanted.origin).host;
  if (page !== undefined) return auditRefusal(code, page, session);
  const wayBack = wanted?.origin ?? exchange.wayBack;
  const refused = site && session && code.startsWith("entry-refused");
  const actions: PageAction<HostText>[] = [];
  if (wayBack && !refused) actions.push({ href: `${wayBack}/`, label: "Try again" });
  if (wanted && ofThisAccount.has(code))
    actions.push({ href: askingPath(wanted, asking.account), label: "Use another account" });
  if (wanted && refused)
    actions.push({ href: askingPath(wanted, asking.again), label: "I was just given access" });
  return {
    actions,
    ...(title ? { title } : {}),
    ...(name ? { site: name } : {}),
    ...(refused ? { facts: whoMay(site.entry, site.entry, session.name) } : {}),
    ...(code === "callback-transaction-missing" ? { paragraphs: [hostErrors[code].visitor, blocked] } : {}),
  };
}

/** For the host's own audit page there is no site to go back to. */
function auditRefusal(
  code: HostErrorCode,
  page: string,
  session: HostSession | undefined,
): Partial<Page<HostText>> {
  const address = hostEndpoints.audit + page;
  const refused = code === "audit-refused";
  const title = code === "audit-session-lost" || !code.startsWith("audit-") ? titleOf(code) : undefined;
  return {
    actions: refused
      ? [
          { href: `${address}&ask=${asking.account}`, label: "Use another account" },
          { href: `${address}&ask=${asking.again}`, label: "I was just given access" },
        ]
      : [{ href: address, label: "Try again" }],
    ...(title ? { title } : {}),
    ...(refused && session?.name ? { facts: [["Signed in as", [session.name]]] } : {}),
  };
}

const blocked = "If that keeps happening, your browser may be blocking cookies.";

/** What a site is called on pages about it. */
export function nameOf({ entry, row }: MatchedSite): string {
  return entry.name ?? row.project;
}

function titleOf(code: HostErrorCode): HostText | undefined {
  if (code.startsWith("entry-refused")) return "You have no access to this site";
  const { status } = hostErrors[code];
  if (status === 400 || ofThisAccount.has(code)) return "Sign-in was not finished";
  if (status === 403) return "Sign-in is not possible here";
  return status === 503 ? "Sign-in is not possible right now" : undefined;
}
