import { type Authentication, authenticationEvent } from "../../../contract/audit/events.ts";
import type { TicketClaims } from "../../../contract/tickets/claims.ts";
import { version } from "../http/version.ts";
import type { HostSession } from "../session/host-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";

type Occasion = Pick<Authentication, "activity" | "success" | "code" | "reference" | "session">;

/** Entra has just said who the visitor is. */
export function recordSignIn(host: HostContext, exchange: Exchange): void {
  record(host, exchange, { activity: "sign-in", success: true, code: "signed-in" });
}

/** A site is handed a ticket: its id and end, never the ticket. */
export function recordTicket(host: HostContext, exchange: Exchange, { jti, exp }: TicketClaims): void {
  const session = { uid: jti, expires: exp };
  record(host, exchange, { activity: "ticket", success: true, code: "admitted", session });
}

/** A sign-in, or a ticket for somebody who is signed in, came to nothing. */
export function recordRefusal(host: HostContext, exchange: Exchange, code: string, reference: string): void {
  record(host, exchange, {
    activity: exchange.session || exchange.machine ? "ticket" : "sign-in",
    success: false,
    code,
    reference,
  });
}

export function recordSignOut(host: HostContext, exchange: Exchange, session: HostSession): void {
  record(host, { ...exchange, session }, { activity: "sign-out", success: true, code: "signed-out" });
}

/** One line of JSON to the console; the database gets the same once the request is answered. */
function record(host: HostContext, exchange: Exchange, occasion: Occasion): void {
  const { settings, deps } = host;
  const { request, url, site, wanted, service, session, machine } = exchange;
  const visitor = session ?? machine;
  const ray = request.headers.get("cf-ray");
  const event = authenticationEvent({
    ...occasion,
    context: {
      role: "host",
      version,
      bundle: settings.bundle,
      ...(site ? { project: site.row.project, environment: site.entry.environment } : {}),
    },
    time: deps.now(),
    uid: crypto.randomUUID(),
    service: wanted?.origin ?? service ?? settings.origin,
    request: { method: request.method, url, ...(ray ? { ray } : {}) },
    ...(visitor ? { visitor } : {}),
    ...(site ? { policyDigest: site.entry.digest } : {}),
  });
  const line = JSON.stringify(event);
  deps.log(line);
  exchange.events.push(line);
}
