import { cookies } from "../../../contract/names/cookies.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import { sealFitting, ticketExpiry, visitorOf } from "../host/session-claims.ts";
import { serializeCookie, singleCookie } from "../http/cookies.ts";
import { type HostSession, openHostSession } from "../session/host-session.ts";
import { createMemo } from "../session/site-memo.ts";
import {
  largestCookie,
  mostRemembered,
  type SessionReading,
  type SiteSession,
} from "../session/site-session.ts";
import type { SiteServices } from "../site/exchange.ts";
import type { Own } from "./own.ts";

const kind = "entra-gate-own-session";

type Jar = ReadonlyMap<string, readonly string[]>;

/**
 * Reads session cookies that this site made itself. One that was opened is remembered in the isolate, so that the next
 * request with it costs a look-up; its end is looked at each time.
 */
export function createOwnSessions(own: Own): SiteServices["readSession"] {
  const remembered = createMemo<SiteSession>(mostRemembered);

  const judged = (session: SiteSession): SessionReading =>
    own.deps.now() < session.expires * 1000
      ? { ok: true, session }
      : { ok: false, code: "session-expired", detail: "" };

  const read = async (value: string): Promise<SessionReading> => {
    const session = await openForPolicy(own, value);
    if (session === undefined) return { ok: false, code: "session-invalid", detail: "not this site's" };
    remembered.set(value, session);
    return judged(session);
  };

  return (value) => {
    const hit = remembered.get(value);
    return hit === undefined ? read(value) : judged(hit);
  };
}

/** A session made for another policy may lack what this one asks for: it is over, and Entra is asked again. */
async function openForPolicy(own: Own, value: string): Promise<SiteSession | undefined> {
  const session = await openOwn(own, value);
  if (session === undefined) return undefined;
  const expires = session.named === own.named.digest ? ticketExpiry(session, own.entry) : 0;
  return { visitor: frozen(visitorFor(own, session)), expires };
}

async function openOwn({ settings, deps }: Own, value: string | undefined): Promise<HostSession | undefined> {
  if (value === undefined || value.length > largestCookie) return undefined;
  const session = await openHostSession(value, settings.cookieKeys, deps.now() / 1000, kind);
  return session?.tid === settings.tenantId ? session : undefined;
}

/** The session that this browser's cookie holds, be it over: whose it was, and since when. */
export function previousSession(own: Own, jar: Jar): Promise<HostSession | undefined> {
  return openOwn(own, singleCookie(jar, cookies.siteSession));
}

/** The visitor as rules and the code behind see him: of contexts, too, only those that the policy names. */
export function visitorFor({ entry }: Own, session: HostSession): Visitor {
  const acrs = session.acrs.filter((context) => entry.stepUp?.contexts.includes(context));
  return { ...visitorOf(session), acrs };
}

/** The site's code is handed this very object, and later decisions rest on it: nobody may write to it. */
function frozen(visitor: Visitor): Visitor {
  for (const list of [visitor.groups, visitor.roles, visitor.acrs]) Object.freeze(list);
  return Object.freeze(visitor);
}

/**
 * Set-Cookie line of a session. The cookie outlives the claims in it, up to `lifetime`: Entra's next answer continues
 * the session, so that its lifetime counts from when it began.
 *
 * @param now seconds since 1970
 * @throws GateFault `session-too-large`, `cookie-key-expired`
 */
export async function ownSessionCookie(own: Own, session: HostSession, now: number): Promise<string> {
  const { value } = await sealFitting([session], own.settings.cookieKeys, now, kind);
  const maxAge = session.signedInAt + own.entry.lifetime - now;
  return serializeCookie(cookies.siteSession, value, { maxAge, sameSite: "Lax" });
}
