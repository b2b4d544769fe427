import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { isMet } from "../../../contract/policy/decide.ts";
import type { Entry, Environment } from "../../../contract/policy/model.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { redirectAnswer } from "../http/answers.ts";
import { clearCookie } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import {
  readState,
  type ValidatedResponse,
  validateAuthorizationResponse,
} from "../oidc/authorization-response.ts";
import { redeemCode, type SignedIn, withGroups } from "../oidc/redeem.ts";
import { hostSessionCookie } from "../session/host-session.ts";
import { type HostTransaction, hostTransactions, type TicketRequest } from "../session/host-transaction.ts";
import { recordSignIn } from "./audit.ts";
import { done } from "./audit-page/page.ts";
import { askEntra, spare, withinOf } from "./authorize.ts";
import { askingPath } from "./authorize-parameters.ts";
import { sessionOfBrowser } from "./browser-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import { namedBySite, namedByViewers } from "./named-set.ts";
import { sealFitting, sessionOf } from "./session-claims.ts";
import { atMicrosoft } from "./sign-out.ts";
import { matchSite } from "./site-match.ts";
import { answerWithTicket } from "./ticket-answer.ts";

/**
 * `/.auth/callback`: Entra's answer. State, transaction, error, code, ID token, in this order; nothing of a later step
 * is looked at before the earlier ones held (oauth2-proxy redeemed the code first).
 *
 * @throws GateFault `callback-…`, `entra-…`, `id-token-…`, `graph-…`, and what the ticket may throw
 */
export async function callback(host: HostContext, exchange: Exchange): Promise<Response> {
  const { settings } = host;
  const { searchParams } = exchange.url;
  // The way back from signing out at Entra, which goes to no other address than to the one that it knows.
  if (searchParams.size === 0) return redirectAnswer(exchange.request, hostEndpoints.signedOut + atMicrosoft);
  const { id, origin } = readState(searchParams);
  const transaction = await hostTransactions.open(exchange.jar, id, settings.cookieKeys, exchange.now);
  if (!transaction) {
    exchange.wayBack = await siteThatAsked(host, origin);
    throw new GateFault("callback-transaction-missing");
  }
  const { stepUp, attempts, page } = transaction;
  const wanted = wantedBy(transaction);
  if (page === undefined) {
    exchange.wanted = wanted;
    exchange.again = { path: askingPath(wanted, undefined, stepUp), made: attempts };
  } else exchange.page = page;
  const expected = { random: transaction.random, issuer: settings.entra.issuer };
  const response = withClearing(exchange, id, () => validateAuthorizationResponse(searchParams, expected));
  const signedIn = await redeemCode(settings, host.tenantKeys, response, transaction, host.deps);
  host.entra.heard();
  if (page !== undefined) return admitToPage(host, exchange, page, signedIn);
  const { identity } = signedIn;
  const within = withinOf(stepUp);
  // Only what comes back tells how long ago it was. Once: whatever the second answer says goes to the site's rule.
  if (!transaction.prompted && !isMet(within, identity, exchange.now + spare)) {
    const { loginHint } = identity;
    return askEntra(host, exchange, { wanted, stepUp, prompt: true, loginHint });
  }
  return admit(host, exchange, wanted, signedIn);
}

/** The origin that a state names, if it is a site's. It becomes a link on a page, and never a Location. */
async function siteThatAsked(host: HostContext, origin: string | undefined): Promise<string | undefined> {
  if (origin === undefined) return undefined;
  const sites = await host.directory.read().catch(() => undefined);
  const isSite = (environment: Environment): boolean => {
    try {
      matchSite(sites?.rows ?? [], origin, environment, host.settings.origin);
      return true;
    } catch {
      return false;
    }
  };
  return isSite("preview") || isSite("production") ? origin : undefined;
}

/** A transaction serves once. Only a forged state leaves it: others must not be able to end a sign-in under way. */
function withClearing(exchange: Exchange, id: string, validate: () => ValidatedResponse): ValidatedResponse {
  const clear = clearCookie(cookies.hostTransaction + id);
  try {
    const response = validate();
    exchange.cookies.push(clear);
    return response;
  } catch (error) {
    if (error instanceof GateFault && error.code !== "callback-state-mismatch") exchange.cookies.push(clear);
    throw error;
  }
}

async function admit(
  host: HostContext,
  exchange: Exchange,
  wanted: TicketRequest,
  signedIn: SignedIn,
): Promise<Response> {
  const { now } = exchange;
  const sites = await host.directory.read();
  const site = matchSite(sites.rows, wanted.origin, wanted.environment, host.settings.origin);
  exchange.site = site;
  const identity = await withGroups(host.settings, signedIn, site.entry.groups, host.deps.fetch);
  const previous = await sessionOfBrowser(host, exchange);
  const forAll = sessionOf(identity, previous, site.entry, sites.named, now);
  exchange.session = forAll;
  const forSite = sessionOf(identity, previous, site.entry, await namedBySite(site.row), now);
  const sealed = await sealFitting([forAll, forSite], host.settings.cookieKeys, now);
  exchange.cookies.push(hostSessionCookie(sealed.value));
  recordSignIn(host, exchange);
  return answerWithTicket(host, exchange, { wanted, site, session: forAll });
}

/** Signed in for the host's own audit page, which decides who may look. */
async function admitToPage(
  host: HostContext,
  exchange: Exchange,
  page: string,
  signedIn: SignedIn,
): Promise<Response> {
  const { now } = exchange;
  const { rows, named } = await host.directory.read();
  const viewers = await namedByViewers(rows);
  const identity = await withGroups(host.settings, signedIn, [...viewers.groups], host.deps.fetch);
  const previous = await sessionOfBrowser(host, exchange);
  const sessions = [named, viewers].map((set) => sessionOf(identity, previous, lifetimeOf(rows), set, now));
  const sealed = await sealFitting(sessions, host.settings.cookieKeys, now);
  exchange.session = sealed.session;
  exchange.cookies.push(hostSessionCookie(sealed.value));
  recordSignIn(host, exchange);
  return redirectAnswer(exchange.request, `${hostEndpoints.audit}${page}&${done}`, {
    cookies: exchange.cookies,
  });
}

/** A session goes on as long as the strictest site would let it. */
function lifetimeOf(rows: readonly SiteRow[]): Pick<Entry, "lifetime"> {
  const entries = rows.flatMap((row) => Object.values(row.entries));
  return { lifetime: Math.min(...entries.map(({ lifetime }) => lifetime)) };
}

function wantedBy({ origin, environment, tx, challenge }: HostTransaction): TicketRequest {
  return { origin, environment, tx, challenge };
}
