import type { Environment, Visitor } from "../../../contract/policy/model.ts";
import type { TicketClaims } from "../../../contract/tickets/claims.ts";
import type { WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { createMemo } from "./site-memo.ts";
import { verifyTicket } from "./site-ticket.ts";
import type { TicketKeys } from "./ticket-keys.ts";

/** Who is signed in at this site, and until when. */
export interface SiteSession {
  readonly visitor: Visitor;
  /** Seconds since 1970. */
  readonly expires: number;
}

export type SessionReading =
  | { readonly ok: true; readonly session: SiteSession }
  | { readonly ok: false; readonly code: "session-expired" | "session-invalid"; readonly detail: string };

/** What browsers keep of one cookie, name and value together (RFC 6265bis section 5.6: at least 4096 bytes). */
export const largestCookie = 4096;
/** Sessions kept per isolate: about 4 KB each, 8 MB of the isolate's 128. */
export const mostRemembered = 2048;

interface Remembered {
  readonly reading: Extract<SessionReading, { ok: true }>;
  readonly origin: string;
  readonly kid: string;
  readonly key: CryptoKey;
}

export interface SiteSessionSettings {
  /** The sign-in host's origin. */
  readonly issuer: string;
  readonly environment: Environment;
  readonly now: () => number;
}

/** The value of the session cookie: the ticket with the verifier that makes it this browser's. */
export function sessionCookieValue(ticket: string, verifier: string): string {
  return `${ticket}.${verifier}`;
}

/**
 * Reads session cookies. One that was verified is remembered in the isolate, so that the next request with it costs a
 * look-up; its end, its origin and its key are looked at each time.
 *
 * @returns read(value, ownOrigin, waitUntil): at once for a session that is remembered, else by a promise, which is
 *   rejected with GateFault keys-unavailable and nothing else
 */
export function createSiteSessions(settings: SiteSessionSettings, keys: TicketKeys) {
  const remembered = createMemo<Remembered>(mostRemembered);

  const recall = (value: string, origin: string, now: number): SessionReading | undefined => {
    const hit = remembered.get(value);
    if (hit === undefined) return undefined;
    if (now < hit.reading.session.expires * 1000 && hit.origin === origin && keys.holds(hit.kid, hit.key))
      return hit.reading;
    remembered.delete(value);
    return now < hit.reading.session.expires * 1000 ? undefined : expired;
  };

  const verify = async (
    value: string,
    origin: string,
    now: number,
    waitUntil: WaitUntil,
  ): Promise<SessionReading> => {
    const dot = value.lastIndexOf(".");
    if (dot < 0 || value.length > largestCookie) return invalid("shape");
    const expected = { issuer: settings.issuer, origin, environment: settings.environment, now };
    try {
      const verified = await verifyTicket(
        value.slice(0, dot),
        value.slice(dot + 1),
        expected,
        keys,
        waitUntil,
      );
      const reading = { ok: true, session: sessionOf(verified.claims) } as const;
      remembered.set(value, { reading, origin, kid: verified.kid, key: verified.key });
      return reading;
    } catch (error) {
      if (!(error instanceof GateFault) || error.code === "keys-unavailable") throw error;
      return error.code === "ticket-late" ? expired : invalid(error.message);
    }
  };

  return function read(
    value: string,
    origin: string,
    waitUntil: WaitUntil,
  ): SessionReading | Promise<SessionReading> {
    const now = settings.now();
    keys.tend(waitUntil);
    return recall(value, origin, now) ?? verify(value, origin, now, waitUntil);
  };
}

const expired: SessionReading = { ok: false, code: "session-expired", detail: "" };

function invalid(detail: string): SessionReading {
  return { ok: false, code: "session-invalid", detail };
}

/** The part of a ticket that decisions and the code behind may see. */
export function sessionOf(claims: TicketClaims): SiteSession {
  const {
    tid,
    oid,
    name,
    kind,
    groups,
    roles,
    app,
    scopes,
    auth_time: authTime,
    acrs,
    exp: expires,
  } = claims;
  // The site's code is handed this very object, and later decisions rest on it: nobody may write to it.
  const visitor: Visitor = Object.freeze({
    kind,
    tid: tid.toLowerCase(),
    oid: oid.toLowerCase(),
    name,
    groups: Object.freeze(groups.map((group) => group.toLowerCase())),
    roles: Object.freeze([...roles]),
    authTime,
    ...(app === undefined ? {} : { app }),
    ...(scopes === undefined ? {} : { scopes: Object.freeze([...scopes]) }),
    ...(acrs === undefined ? {} : { acrs: Object.freeze([...acrs]) }),
  });
  return { visitor, expires };
}
