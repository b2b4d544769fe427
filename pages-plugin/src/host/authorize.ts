import { admits } from "../../../contract/policy/entry.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import { redirectAnswer } from "../http/answers.ts";
import { authorizationRequestUrl } from "../oidc/authorization-request.ts";
import { makeState } from "../oidc/authorization-response.ts";
import { randomValue } from "../oidc/random.ts";
import type { HostSession } from "../session/host-session.ts";
import {
  evictTransactions,
  type HostTransaction,
  newTransactionId,
  type TicketRequest,
  transactionCookie,
} from "../session/host-transaction.ts";
import { type AuthorizeParameters, readAuthorizeParameters } from "./authorize-parameters.ts";
import { sessionOfBrowser } from "./browser-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import { namedBySite } from "./named-set.ts";
import { isFresh, visitorOf } from "./session-claims.ts";
import { matchSite } from "./site-match.ts";
import { answerWithTicket } from "./ticket-answer.ts";

/** Claims younger than this need not be asked for again before somebody is refused. */
const settled = 60;

/**
 * `/.auth/authorize`: a site asks who its visitor is. A session that can answer does; else Entra is asked.
 *
 * @throws GateFault `authorize-parameters-invalid`, `sites-unavailable`, `site-…`, and what the ticket may throw
 */
export async function authorize(host: HostContext, exchange: Exchange): Promise<Response> {
  const parameters = readAuthorizeParameters(exchange.url.searchParams);
  const { ask, ...wanted } = parameters;
  const sites = await host.directory.read();
  const site = matchSite(sites.rows, wanted.origin, wanted.environment, host.settings.origin);
  exchange.wanted = wanted;
  exchange.site = site;

  const session = await sessionOfBrowser(host, exchange);
  if (session && ask === undefined) {
    const digests = [sites.named.digest, (await namedBySite(site.row)).digest];
    const fresh = isFresh(session, site.entry, digests, exchange.now);
    // "I was added to the group and still get 403": nobody is refused on old claims.
    if (fresh && (admits(site.entry, visitorOf(session)) || exchange.now < session.claimsAt + settled)) {
      exchange.session = session;
      return answerWithTicket(host, exchange, { wanted, site, session });
    }
  }
  return askEntra(host, exchange, parameters, session);
}

async function askEntra(
  host: HostContext,
  exchange: Exchange,
  { ask, ...wanted }: AuthorizeParameters,
  session: HostSession | undefined,
): Promise<Response> {
  const { settings } = host;
  const transaction = newTransaction(host, exchange, wanted);
  const location = await authorizationRequestUrl(settings.entra, {
    clientId: settings.clientId,
    redirectUri: settings.redirectUri,
    state: makeState(transaction.id, transaction.random, transaction.origin),
    nonce: transaction.nonce,
    verifier: transaction.verifier,
    chooseAccount: ask === asking.account,
    ...(session?.loginHint === undefined ? {} : { loginHint: session.loginHint }),
  });
  const cookie = await transactionCookie(transaction, settings.cookieKeys);
  return redirectAnswer(exchange.request, location, {
    cookies: [...exchange.cookies, ...evictTransactions(exchange.jar), cookie],
    headers: { "referrer-policy": "no-referrer" },
  });
}

function newTransaction(host: HostContext, exchange: Exchange, wanted: TicketRequest): HostTransaction {
  const { random } = host.deps;
  return {
    ...wanted,
    id: newTransactionId(exchange.now, random),
    random: randomValue(random),
    nonce: randomValue(random),
    verifier: randomValue(random),
    startedAt: exchange.now,
  };
}
