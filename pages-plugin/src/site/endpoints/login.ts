import { siteAnswers } from "../../../../contract/errors/site-answers.ts";
import { hostEndpoints } from "../../../../contract/names/endpoints.ts";
import { readPath } from "../../../../contract/paths/reading.ts";
import { asking, authorizeParameters as names } from "../../../../contract/tickets/claims.ts";
import { redirectAnswer } from "../../http/answers.ts";
import { readCookies } from "../../http/cookies.ts";
import { isDocumentNavigation } from "../../http/fetch-metadata.ts";
import { attemptsIn, tryingAgain } from "../../http/retry.ts";
import { safeReturnTarget } from "../../http/return-target.ts";
import { startTransaction } from "../../session/site-transaction.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { loginLink, refuseVisit } from "../refusals.ts";

/** What login is asked for. What the page's rule wants is read from the policy, never from the address. */
export function wishesOf({ config, decide }: SiteServices, { url, origin }: Visit) {
  const returnTo = safeReturnTarget(url.searchParams.get("return_to"), origin);
  const target = decide(readPath(new URL(returnTo, origin).pathname));
  const rule = config.policy.rules.find(({ id }) => id === target.rule);
  const asked = url.searchParams.get(names.ask);
  const ask = asked === asking.account || asked === asking.again ? asked : undefined;
  return { returnTo, rule, ask };
}

/**
 * Begins a sign-in and sends the browser to the sign-in host, unless that one doesn't answer: then the visitor reads so
 * here, since there he would read nothing. For document navigations only.
 */
export async function login(services: SiteServices, visit: Visit): Promise<Response> {
  if (!isDocumentNavigation(visit.request)) return refuseVisit(services, visit, "login-not-navigation");
  const { deps, config, keys } = services;
  const { returnTo, rule, ask } = wishesOf(services, visit);
  if (!(await keys.answers(visit.waitUntil))) {
    const code = "sign-in-host-unavailable";
    const path = loginLink({ ...visit, url: new URL(returnTo, visit.origin) }, ask);
    const made = attemptsIn(visit.url.searchParams);
    return refuseVisit(
      services,
      visit,
      code,
      tryingAgain(visit.request, siteAnswers[code].visitor, path, made),
    );
  }
  const { id, challenge, cookies } = await startTransaction(
    returnTo,
    readCookies(visit.cookie),
    deps.random,
    deps.now(),
  );
  const query = new URLSearchParams({
    [names.origin]: visit.origin,
    [names.environment]: config.policy.environment,
    [names.transaction]: id,
    [names.challenge]: challenge,
  });
  if (rule?.signedInWithin) query.set(names.within, String(rule.signedInWithin));
  if (rule?.authContext) query.set(names.context, rule.authContext);
  if (ask) query.set(names.ask, ask);
  // The empty fragment keeps the browser from carrying this page's over (RFC 9110 section 10.2.2).
  const location = `${config.signIn.origin}${hostEndpoints.authorize}?${query}#`;
  return redirectAnswer(visit.request, location, {
    status: 302,
    cookies,
    headers: { "referrer-policy": "no-referrer" },
  });
}
