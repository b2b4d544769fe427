import { hostEndpoints } from "../../../../contract/names/endpoints.ts";
import { readPath } from "../../../../contract/paths/reading.ts";
import { asking, authorizeParameters as names } from "../../../../contract/tickets/claims.ts";
import { redirectAnswer } from "../../http/answers.ts";
import { isDocumentNavigation } from "../../http/fetch-metadata.ts";
import { safeReturnTarget } from "../../http/return-target.ts";
import { startTransaction } from "../../session/site-transaction.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { refuseVisit } from "../refusals.ts";

/** Begins a sign-in and sends the browser to the sign-in host. For document navigations only. */
export async function login(services: SiteServices, visit: Visit): Promise<Response> {
  if (!isDocumentNavigation(visit.request)) return refuseVisit(services, visit, "login-not-navigation");
  const { deps, config } = services;
  const returnTo = safeReturnTarget(visit.url.searchParams.get("return_to"), visit.origin);
  const { id, challenge, cookies } = await startTransaction(returnTo, visit.cookies, deps.random, deps.now());
  const query = new URLSearchParams({
    [names.origin]: visit.origin,
    [names.environment]: config.policy.environment,
    [names.transaction]: id,
    [names.challenge]: challenge,
  });
  // What the rule of that page wants is read from the policy, never from the address.
  const target = services.decide(readPath(new URL(returnTo, visit.origin).pathname));
  const rule = config.policy.rules.find(({ id }) => id === target.rule);
  if (rule?.signedInWithin) query.set(names.within, String(rule.signedInWithin));
  if (rule?.authContext) query.set(names.context, rule.authContext);
  const ask = visit.url.searchParams.get(names.ask);
  if (ask === asking.account || ask === asking.again) query.set(names.ask, ask);
  // The empty fragment keeps the browser from carrying this page's over (RFC 9110 section 10.2.2).
  const location = `${config.signIn.origin}${hostEndpoints.authorize}?${query}#`;
  return redirectAnswer(visit.request, location, {
    status: 302,
    cookies,
    headers: { "referrer-policy": "no-referrer" },
  });
}
