import { cookies } from "../../../contract/names/cookies.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import { sealFitting, ticketExpiry, visitorOf } from "../host/session-claims.ts";
import { serializeCookie, singleCookie } from "../http/cookies.ts";
import { type HostSession, openHostSession } from "../session/host-session.ts";
import { largestCookie, mostRemembered, type SessionReading } from "../session/site-session.ts";
import type { SiteServices } from "../site/exchange.ts";
import type { Own } from "./own.ts";

const kind = "entra-gate-own-session";

type Jar = ReadonlyMap<string, readonly string[]>;

interface Remembered {
  readonly visitor: Visitor;
  /** Seconds since 1970. */
  readonly expires: number;
}

/**
 * Reads session cookies that this site made itself. One that was opened is remembered in the isolate, so that the next
 * request with it costs a look-up; its end is looked at each time.
 */
export function createOwnSessions(own: Own): SiteServices["readSession"] {
  const remembered = new Map<string, Remembered>();

  const remember = (value: string, session: Remembered): void => {
    const oldest = remembered.size >= mostRemembered ? remembered.keys().next() : undefined;
    if (oldest !== undefined && !oldest.done) remembered.delete(oldest.value);
    remembered.set(value, session);
  };

  return async (value): Promise<SessionReading> => {
    const hit = remembered.get(value) ?? (await openForPolicy(own, value));
    if (hit === undefined) return { ok: false, code: "session-invalid", detail: "not this site's" };
    // Put back at the end: the map's order is the order of last use.
    remembered.delete(value);
    if (own.deps.now() >= hit.expires * 1000) return { ok: false, code: "session-expired", detail: "" };
    remember(value, hit);
    return { ok: true, session: hit };
  };
}

/** A session made for another policy may lack what this one asks for: it is over, and Entra is asked again. */
async function openForPolicy(own: Own, value: string): Promise<Remembered | undefined> {
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
