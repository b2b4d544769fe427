import type { Entry, Visitor } from "../../../contract/policy/model.ts";
import { acceptWithin } from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";
import type { Identity } from "../oidc/identity.ts";
import { type HostSession, longestSessionCookie, sealHostSession } from "../session/host-session.ts";
import type { CookieKeys } from "../session/keys.ts";
import type { CookieKind } from "../session/sealed-cookie.ts";
import type { NamedSet } from "./named-set.ts";

/** A session and the cookie value that holds it. */
export interface SealedSession {
  readonly session: HostSession;
  readonly value: string;
}

/** When a ticket made from this session ends: the earlier of claims time + recheck and sign-in + lifetime, in seconds. */
export function ticketExpiry(session: HostSession, entry: Entry): number {
  return Math.min(session.claimsAt + entry.recheck, session.signedInAt + entry.lifetime);
}

/**
 * Whether a session can answer for an entry without asking Entra again. One that would end before a site must have
 * accepted its ticket can't: the visitor would be back at once.
 *
 * @param digests of the named sets that would do
 * @param now seconds since 1970
 */
export function isFresh(
  session: HostSession,
  entry: Entry,
  digests: readonly string[],
  now: number,
): boolean {
  const knowsGroups = session.groupsState !== "overage" || entry.groups.length === 0;
  return knowsGroups && digests.includes(session.named) && ticketExpiry(session, entry) > now + acceptWithin;
}

/**
 * Makes the session of somebody whose claims just arrived. A recheck of the same person continues his session, so
 * that its lifetime counts from when it began.
 *
 * @param now seconds since 1970
 */
export function sessionOf(
  identity: Identity,
  previous: HostSession | undefined,
  entry: Pick<Entry, "lifetime">,
  named: NamedSet,
  now: number,
): HostSession {
  const samePerson = previous?.tid === identity.tid && previous.oid === identity.oid;
  const continues = samePerson && previous.signedInAt + entry.lifetime > now + acceptWithin;
  const authTime = identity.authTime ?? (continues ? previous.authTime : 0);
  return {
    kind: identity.kind,
    tid: identity.tid,
    oid: identity.oid,
    name: identity.name,
    groups: identity.groups.filter((id) => named.groups.has(id)),
    groupsState: identity.groupsState,
    roles: identity.roles.filter((role) => named.roles.has(role)),
    named: named.digest,
    signedInAt: continues ? previous.signedInAt : now,
    authTime: Math.min(authTime, now),
    acrs: identity.acrs,
    claimsAt: now,
    ...(identity.loginHint === undefined ? {} : { loginHint: identity.loginHint }),
  };
}

/**
 * Seals the first of some sessions that fits into a cookie; without its login hint, then with the beginning of the name
 * only, before the next is tried.
 *
 * @param sessions the same visitor, with ever less of what sites name
 * @param now seconds since 1970
 * @param kind of session, the host's unless named
 * @throws GateFault `session-too-large`, `cookie-key-expired`
 */
export async function sealFitting(
  sessions: readonly HostSession[],
  keys: CookieKeys,
  now: number,
  kind?: CookieKind,
): Promise<SealedSession> {
  for (const full of sessions) {
    const { loginHint: _, ...bare } = full;
    for (const session of [full, bare, { ...bare, name: [...bare.name].slice(0, 16).join("") }]) {
      const value = await sealHostSession(session, keys, now, kind);
      if (value.length <= longestSessionCookie) return { session, value };
    }
  }
  throw new GateFault("session-too-large");
}

/** The visitor that an entry decides about. */
export function visitorOf(session: HostSession): Visitor {
  const { kind, tid, oid, name, groups, roles, authTime, acrs } = session;
  return { kind, tid, oid, name, groups, roles, authTime, acrs };
}
