import { isMet } from "../../../contract/policy/decide.ts";
import { admits } from "../../../contract/policy/entry.ts";
import type { Entry, StepUp } from "../../../contract/policy/model.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import { redirectAnswer } from "../http/answers.ts";
import { GateFault } from "../http/fault.ts";
import { authorizationRequestUrl } from "../oidc/authorization-request.ts";
import { makeState } from "../oidc/authorization-response.ts";
import { type HostTransaction, hostTransactions, type TicketRequest } from "../session/host-transaction.ts";
import { newTransaction } from "../session/sealed-transaction.ts";
import { type AuthorizeParameters, askingPath, readAuthorizeParameters } from "./authorize-parameters.ts";
import { sessionOfBrowser } from "./browser-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import { namedBySite } from "./named-set.ts";
import { isFresh, visitorOf } from "./session-claims.ts";
import { matchSite } from "./site-match.ts";
import { answerWithTicket } from "./ticket-answer.ts";

/** Seconds by which a step-up must outlast its ticket's way to the site. */
export const spare = 30;

/** Claims younger than this need not be asked for again before somebody is refused. */
const settled = 60;

/**
 * `/.auth/authorize`: a site asks who its visitor is. A session that can answer does; else Entra is asked.
 *
 * @throws GateFault `authorize-parameters-invalid`, `sites-unavailable`, `site-…`, `entra-unavailable`, and what the
 *   ticket may throw
 */
export async function authorize(host: HostContext, exchange: Exchange): Promise<Response> {
  const parameters = readAuthorizeParameters(exchange.url.searchParams);
  const { ask, attempts, stepUp: wished, ...wanted } = parameters;
  exchange.again = { path: askingPath(wanted, ask, wished), made: attempts };
  const sites = await host.directory.read();
  const site = matchSite(sites.rows, wanted.origin, wanted.environment, host.settings.origin);
  exchange.wanted = wanted;
  exchange.site = site;
  const stepUp = knownStepUp(wished, site.entry);

  const session = await sessionOfBrowser(host, exchange);
  if (session && ask === undefined && isMet(stepUp, session, exchange.now + spare)) {
    const digests = [sites.named.digest, (await namedBySite(site.row)).digest];
    const fresh = isFresh(session, site.entry, digests, exchange.now);
    // "I was added to the group and still get 403": nobody is refused on old claims.
    if (fresh && (admits(site.entry, visitorOf(session)) || exchange.now < session.claimsAt + settled)) {
      exchange.session = session;
      return answerWithTicket(host, exchange, { wanted, site, session });
    }
  }
  const prompt = session !== undefined && !isMet(withinOf(stepUp), session, exchange.now + spare);
  return askEntra(host, exchange, { wanted, ask, stepUp, prompt, loginHint: session?.loginHint });
}

/** Wishes that the default branch's policy has too: what a pull request made up is not asked of Entra. */
function knownStepUp({ signedInWithin, authContext }: StepUp, { stepUp }: Entry): StepUp {
  const within = signedInWithin !== undefined && stepUp?.within.includes(signedInWithin);
  const context = authContext !== undefined && stepUp?.contexts.includes(authContext);
  return { ...(within ? { signedInWithin } : {}), ...(context ? { authContext } : {}) };
}

/** The part of a step-up that only proving again who one is can meet. */
export function withinOf({ signedInWithin }: StepUp): StepUp {
  return signedInWithin === undefined ? {} : { signedInWithin };
}

export interface Question {
  readonly wanted: TicketRequest;
  /** Query of the audit page, where that and no site is what the visitor is asked for. */
  readonly page?: string;
  readonly ask?: AuthorizeParameters["ask"];
  readonly stepUp: StepUp;
  /** Nobody is let through without proving who he is. */
  readonly prompt: boolean;
  readonly loginHint: string | undefined;
}

/**
 * Sends the browser to Entra.
 *
 * @throws GateFault `entra-unavailable` where nobody would answer it there
 */
export async function askEntra(host: HostContext, exchange: Exchange, question: Question): Promise<Response> {
  const { settings } = host;
  if (!(await host.entra.answers())) throw new GateFault("entra-unavailable", "no answer before sign-in");
  const { page, ask, stepUp, prompt, loginHint } = question;
  const transaction: HostTransaction = {
    ...question.wanted,
    ...(page === undefined ? {} : { page }),
    stepUp,
    prompted: prompt && ask !== asking.account,
    attempts: exchange.again?.made ?? 0,
    ...newTransaction(exchange.now, host.deps.random),
  };
  const location = await authorizationRequestUrl(settings.entra, {
    clientId: settings.clientId,
    redirectUri: settings.redirectUri,
    state: makeState(transaction.id, transaction.random, transaction.origin),
    nonce: transaction.nonce,
    verifier: transaction.verifier,
    chooseAccount: ask === asking.account,
    prompt,
    ...(stepUp.authContext === undefined ? {} : { authContext: stepUp.authContext }),
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  const cookie = await hostTransactions.cookie(transaction, settings.cookieKeys);
  return redirectAnswer(exchange.request, location, {
    cookies: [...exchange.cookies, ...hostTransactions.evict(exchange.jar), cookie],
    headers: { "referrer-policy": "no-referrer" },
  });
}
