import type { SiteErrorCode } from "../../../contract/errors/site-answers.ts";
import { cookies as cookieNames } from "../../../contract/names/cookies.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import type { RefusalOptions } from "../http/answers.ts";
import { serializeCookie } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import { newReference } from "../http/reference.ts";
import { largestCookie, sessionCookieValue, sessionOf } from "../session/site-session.ts";
import { verifyTicket } from "../session/site-ticket.ts";
import type { SiteServices, Visit } from "./exchange.ts";

/**
 * Makes a session of a ticket: verified for this site and whoever holds the verifier, and accepted in time.
 *
 * @returns the Set-Cookie line, and when the session ends, in seconds since 1970
 * @throws GateFault ticket-…, keys-unavailable, accept-session-too-large
 */
export async function acceptTicket(
  services: SiteServices,
  visit: Visit,
  ticket: string,
  verifier: string,
): Promise<{ readonly cookie: string; readonly expires: number }> {
  const { config, deps, recorder, keys } = services;
  const { request, origin, waitUntil } = visit;
  const now = deps.now();
  const { environment } = config.policy;
  const expected = { issuer: config.signIn.origin, origin, environment, now };
  const { claims } = await verifyTicket(ticket, verifier, expected, keys, waitUntil);
  if (now > claims.accept_by * 1000) throw new GateFault("ticket-late", "accept_by");
  const value = sessionCookieValue(ticket, verifier);
  const name = cookieNames.siteSession;
  const size = name.length + value.length;
  if (size > largestCookie) throw new GateFault("accept-session-too-large", `${size} bytes`);
  const cookie = serializeCookie(name, value, { maxAge: claims.exp - now / 1000, sameSite: "Lax" });
  const { visitor, expires } = sessionOf(claims);
  const session = { uid: claims.jti, expires };
  recorder.signIn(
    request,
    { activity: "sign-in", success: true, code: "signed-in", visitor, session },
    waitUntil,
  );
  return { cookie, expires };
}

/** Answers a sign-in that came to nothing, and records it as one. */
export function refuseSignIn(
  services: SiteServices,
  visit: Visit,
  code: SiteErrorCode,
  detail: string,
  options: Omit<RefusalOptions<SiteText>, "reference">,
): Response {
  const reference = newReference(services.deps.random);
  const { deps, recorder } = services;
  recorder.signIn(visit.request, { activity: "sign-in", success: false, code, reference }, visit.waitUntil);
  deps.log(JSON.stringify({ level: "warning", code, reference, detail }));
  return services.refuse(visit.request, code, { ...options, reference });
}
