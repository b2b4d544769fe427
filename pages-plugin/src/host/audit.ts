import {
  type AuditView,
  type Authentication,
  auditViewEvent,
  authenticationEvent,
} from "../../../contract/audit/events.ts";
import type { AuditContext, AuditEvent } from "../../../contract/audit/model.ts";
import type { TicketClaims } from "../../../contract/tickets/claims.ts";
import { version } from "../http/version.ts";
import type { HostSession } from "../session/host-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import type { MatchedSite } from "./site-match.ts";

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

/** Somebody looked at audit events, or took them away as a file. */
export function recordView(
  host: HostContext,
  exchange: Exchange,
  { project, ...looked }: Pick<AuditView, "activity" | "view"> & { readonly project: string | undefined },
): void {
  recordLook(host, exchange, { ...looked, success: true, code: "viewer" }, project);
}

/** Somebody wanted to look at audit events, and may not or could not. */
export function recordViewRefusal(
  host: HostContext,
  exchange: Exchange,
  code: string,
  reference: string,
): void {
  recordLook(host, exchange, { activity: "read", view: "", success: false, code, reference }, undefined);
}

export function recordSignOut(host: HostContext, exchange: Exchange, session: HostSession): void {
  record(host, { ...exchange, session }, { activity: "sign-out", success: true, code: "signed-out" });
}

function recordLook(
  host: HostContext,
  exchange: Exchange,
  looked: Pick<AuditView, "activity" | "view" | "success" | "code" | "reference">,
  project: string | undefined,
): void {
  const { session } = exchange;
  const occurrence = occurrenceOf(host, exchange, { project });
  keep(host, exchange, auditViewEvent({ ...occurrence, ...looked, visitor: session }));
}

function record(host: HostContext, exchange: Exchange, occasion: Occasion): void {
  const { site, wanted, service, session, machine } = exchange;
  const about = site && {
    project: site.row.project,
    environment: site.entry.environment,
    pullRequest: pullRequestOf(wanted?.origin ?? service, site),
  };
  const event = authenticationEvent({
    ...occasion,
    ...occurrenceOf(host, exchange, about),
    service: wanted?.origin ?? service ?? host.settings.origin,
    visitor: session ?? machine,
    policyDigest: site?.entry.digest,
  });
  keep(host, exchange, event);
}

/** The action deploys each pull request to an alias of its number; other addresses are told apart by its own events. */
function pullRequestOf(origin: string | undefined, { row, entry }: MatchedSite): number | undefined {
  if (origin === undefined || entry.environment !== "preview") return undefined;
  const { host } = new URL(origin);
  const label = host.endsWith(`.${row.subdomain}`) ? host.slice(0, -row.subdomain.length - 1) : "";
  const number = /^pr-([1-9]\d{0,8})$/.exec(label)?.[1];
  return number === undefined ? undefined : Number(number);
}

function occurrenceOf(
  { settings, deps }: HostContext,
  exchange: Exchange,
  about: Partial<AuditContext> = {},
) {
  const { request, url } = exchange;
  const ray = request.headers.get("cf-ray") ?? undefined;
  return {
    context: { role: "host", version, bundle: settings.bundle, ...about },
    time: deps.now(),
    uid: crypto.randomUUID(),
    request: { method: request.method, url, ray },
  } as const;
}

/** One line of JSON to the console; the database gets the same once the request is answered. */
function keep({ deps }: HostContext, exchange: Exchange, event: AuditEvent): void {
  const line = JSON.stringify(event);
  deps.log(line);
  exchange.events.push(line);
}
