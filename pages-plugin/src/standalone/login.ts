import { isMet } from "../../../contract/policy/decide.ts";
import type { StepUp } from "../../../contract/policy/model.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import { spare, withinOf } from "../host/authorize.ts";
import { redirectAnswer } from "../http/answers.ts";
import { readCookies } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import { isDocumentNavigation } from "../http/fetch-metadata.ts";
import { attemptsIn } from "../http/retry.ts";
import { authorizationRequestUrl } from "../oidc/authorization-request.ts";
import { makeState } from "../oidc/authorization-response.ts";
import { type OwnTransaction, ownTransactions } from "../session/own-transaction.ts";
import { newTransaction } from "../session/sealed-transaction.ts";
import { wishesOf } from "../site/endpoints/login.ts";
import type { SiteServices, Visit } from "../site/exchange.ts";
import { refuseVisit } from "../site/refusals.ts";
import type { Own } from "./own.ts";
import { orRefusal } from "./refusal.ts";
import { previousSession } from "./session.ts";

/** `/.auth/login` of a site that signs in for itself: sends the browser to Entra. For document navigations only. */
export async function login(own: Own, services: SiteServices, visit: Visit): Promise<Response> {
  if (!isDocumentNavigation(visit.request)) return refuseVisit(services, visit, "login-not-navigation");
  const { returnTo, rule = {}, ask } = wishesOf(services, visit);
  const { signedInWithin, authContext } = rule as StepUp;
  const stepUp: StepUp = {
    ...(signedInWithin === undefined ? {} : { signedInWithin }),
    ...(authContext === undefined ? {} : { authContext }),
  };
  const session = await previousSession(own, readCookies(visit.cookie));
  const now = Math.floor(own.deps.now() / 1000);
  const prompt = session !== undefined && !isMet(withinOf(stepUp), session, now + spare);
  const attempts = attemptsIn(visit.url.searchParams);
  const question = { returnTo, stepUp, ask, prompt, attempts, loginHint: session?.loginHint };
  return orRefusal(services, visit, { cookies: [], returnTo, ask, attempts }, () =>
    askEntra(own, visit, question, now),
  );
}

export interface Question {
  readonly returnTo: string;
  readonly stepUp: StepUp;
  /** What the visitor himself asked for by a link. */
  readonly ask?: keyof typeof asking | undefined;
  /** Nobody is let through without proving who he is. */
  readonly prompt: boolean;
  readonly attempts: number;
  readonly loginHint: string | undefined;
}

/**
 * An authorization request and the transaction that its answer has to fit.
 *
 * @param now seconds since 1970
 * @param cookies Set-Cookie lines that go along
 * @throws GateFault `entra-unavailable` where nobody would answer it there, `cookie-key-expired`
 */
export async function askEntra(
  own: Own,
  visit: Visit,
  question: Question,
  now: number,
  cookies: readonly string[] = [],
): Promise<Response> {
  const { settings, deps } = own;
  if (!(await own.entra.answers())) throw new GateFault("entra-unavailable", "no answer before sign-in");
  const { returnTo, stepUp, ask, prompt, attempts, loginHint } = question;
  const chooseAccount = ask === asking.account;
  const transaction: OwnTransaction = {
    ...newTransaction(now, deps.random),
    returnTo,
    stepUp,
    prompted: prompt && !chooseAccount,
    attempts,
  };
  const location = await authorizationRequestUrl(settings.entra, {
    clientId: settings.clientId,
    redirectUri: settings.redirectUri,
    state: makeState(transaction.id, transaction.random, settings.origin),
    nonce: transaction.nonce,
    verifier: transaction.verifier,
    chooseAccount,
    prompt,
    ...(stepUp.authContext === undefined ? {} : { authContext: stepUp.authContext }),
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  const cookie = await ownTransactions.cookie(transaction, settings.cookieKeys);
  return redirectAnswer(visit.request, location, {
    cookies: [...cookies, ...ownTransactions.evict(readCookies(visit.cookie)), cookie],
    headers: { "referrer-policy": "no-referrer" },
  });
}
