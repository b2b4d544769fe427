import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { admits } from "../../../contract/policy/entry.ts";
import { acceptFields } from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";
import { page } from "./answers.ts";
import { recordTicket } from "./audit.ts";
import type { Asking, Exchange, HostContext } from "./exchange.ts";
import { nameOf } from "./refusal-page.ts";
import { ticketExpiry, visitorOf } from "./session-claims.ts";
import { issueTicket } from "./ticket.ts";

/**
 * The end of a sign-in: the default branch's entry decides, and whom it lets in gets a ticket, posted to the site by a
 * form that submits itself, or by its button where scripts are off.
 *
 * Referrer-Policy is strict-origin, so that the site gets an Origin to compare but no address with a code in it.
 *
 * @throws GateFault `entry-refused`, `entry-refused-groups-missing`, and what `issueTicket` throws
 */
export async function answerWithTicket(
  host: HostContext,
  exchange: Exchange,
  asking: Asking,
): Promise<Response> {
  const { wanted, site, session } = asking;
  const visitor = visitorOf(session);
  if (!admits(site.entry, visitor)) {
    const missing = site.entry.groups.length > 0 && session.groupsState === "absent";
    throw new GateFault(missing ? "entry-refused-groups-missing" : "entry-refused", site.row.project);
  }
  const { ticket, claims } = await issueTicket(
    host,
    { wanted, site, visitor, expires: ticketExpiry(session, site.entry) },
    exchange.now,
  );
  recordTicket(host, exchange, claims);
  return page(
    exchange.request,
    {
      title: "Signing you in",
      facts: [["On the way to", [new URL(wanted.origin).host]]],
      site: nameOf(site),
      actions: [
        {
          post: wanted.origin + siteEndpoints.accept,
          label: "Continue",
          fields: { [acceptFields.ticket]: ticket, [acceptFields.transaction]: wanted.tx },
        },
      ],
      script: "document.forms[0].submit()",
    },
    { cookies: exchange.cookies, headers: { "referrer-policy": "strict-origin" } },
  );
}
