import { cookies } from "../../../contract/names/cookies.ts";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { isMet } from "../../../contract/policy/decide.ts";
import { admits } from "../../../contract/policy/entry.ts";
import { spare, withinOf } from "../host/authorize.ts";
import { sessionOf, ticketExpiry } from "../host/session-claims.ts";
import { redirectAnswer } from "../http/answers.ts";
import { clearCookie, readCookies } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import { isTopLevelGet } from "../http/fetch-metadata.ts";
import { readState, validateAuthorizationResponse } from "../oidc/authorization-response.ts";
import { redeemCode, type SignedIn, withGroups } from "../oidc/redeem.ts";
import { type OwnTransaction, ownTransactions } from "../session/own-transaction.ts";
import { findTransaction, usedTransactionCookie } from "../session/site-transaction.ts";
import { done, lost } from "../site/endpoints/accept.ts";
import type { SiteServices, Visit } from "../site/exchange.ts";
import { askEntra } from "./login.ts";
import type { Own } from "./own.ts";
import { orRefusal, type Refused } from "./refusal.ts";
import { ownSessionCookie, previousSession, visitorFor } from "./session.ts";

/** Where a callback got to. */
interface Progress extends Refused {
  /** Cookies that go with whatever it ends in. */
  readonly cookies: string[];
}

/**
 * `/.auth/callback` of a site that signs in for itself: Entra's answer. State, transaction, error, code, ID token, in
 * this order; nothing of a later step is looked at before the earlier ones held.
 */
export async function callback(own: Own, services: SiteServices, visit: Visit): Promise<Response> {
  const progress: Progress = { cookies: [] };
  return orRefusal(services, visit, progress, () => finish(own, services, visit, progress));
}

async function finish(own: Own, services: SiteServices, visit: Visit, progress: Progress): Promise<Response> {
  const { request, url } = visit;
  if (request.method !== "GET") throw new GateFault("host-method-refused");
  if (!isTopLevelGet(request)) throw new GateFault("host-not-navigation");
  // The way back from signing out at Entra.
  if (url.searchParams.size === 0) return redirectAnswer(request, siteEndpoints.signedOut);
  const now = Math.floor(own.deps.now() / 1000);
  const { id } = readState(url.searchParams);
  const transaction = await ownTransactions.open(readCookies(visit.cookie), id, own.settings.cookieKeys, now);
  if (transaction === undefined) return afterwards(services, visit, id);

  const { returnTo, stepUp, attempts } = transaction;
  progress.returnTo = returnTo;
  progress.attempts = attempts;
  const clear = clearCookie(cookies.siteTransaction + id);
  const expected = { random: transaction.random, issuer: own.settings.entra.issuer };
  // A transaction serves once. Only a forged state leaves it: others must not be able to end a sign-in under way.
  const response = withClearing(progress, clear, () =>
    validateAuthorizationResponse(url.searchParams, expected),
  );
  const signedIn = await redeemCode(own.settings, own.tenantKeys, response, transaction, own.deps);
  own.entra.heard();
  const { identity } = signedIn;
  // Only what comes back tells how long ago it was. Once: whatever the second answer says goes to the rule.
  if (!transaction.prompted && !isMet(withinOf(stepUp), identity, now + spare)) {
    const question = { returnTo, stepUp, prompt: true, attempts, loginHint: identity.loginHint };
    return askEntra(own, visit, question, now, progress.cookies);
  }
  return admit(own, services, visit, { transaction, signedIn, progress, now });
}

function withClearing<T>(progress: Progress, clear: string, validate: () => T): T {
  try {
    const response = validate();
    progress.cookies.push(clear);
    return response;
  } catch (error) {
    if (error instanceof GateFault && error.code !== "callback-state-mismatch") progress.cookies.push(clear);
    throw error;
  }
}

/**
 * A callback that this browser has no sign-in under way for: used already, then the page after knows the way; or lost,
 * or pushed onto it, and it is explained there unless there is a session all the same.
 */
function afterwards(services: SiteServices, { request, cookie, origin, waitUntil }: Visit, id: string) {
  const used = findTransaction(id, readCookies(cookie), origin, services.deps.now());
  if (used === undefined) {
    const code = "accept-transaction-missing";
    services.recorder.signIn(request, { activity: "sign-in", success: false, code }, waitUntil);
  }
  return redirectAnswer(request, `${siteEndpoints.accept}?${done}=${used?.id ?? lost}`);
}

interface Arrival {
  readonly transaction: OwnTransaction;
  readonly signedIn: SignedIn;
  readonly progress: Progress;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The end of a sign-in: whom any rule lets in gets a session. */
async function admit(
  own: Own,
  services: SiteServices,
  visit: Visit,
  { transaction, signedIn, progress, now }: Arrival,
): Promise<Response> {
  const { entry, named, settings, deps } = own;
  const identity = await withGroups(settings, signedIn, entry.groups, deps.fetch);
  const previous = await previousSession(own, readCookies(visit.cookie));
  const session = sessionOf(identity, previous, entry, named, now);
  const visitor = visitorFor(own, session);
  progress.visitor = visitor;
  if (!admits(entry, visitor)) {
    const missing = entry.groups.length > 0 && session.groupsState === "absent";
    throw new GateFault(missing ? "entry-refused-groups-missing" : "entry-refused");
  }
  const cookie = await ownSessionCookie(own, session, now);
  services.recorder.signIn(
    visit.request,
    {
      activity: "sign-in",
      success: true,
      code: "signed-in",
      visitor,
      session: { uid: transaction.id, expires: ticketExpiry(session, entry) },
    },
    visit.waitUntil,
  );
  const used = usedTransactionCookie({ ...transaction, verifier: "" }, deps.now());
  return redirectAnswer(visit.request, `${siteEndpoints.accept}?${done}=${transaction.id}`, {
    cookies: [cookie, used],
  });
}
