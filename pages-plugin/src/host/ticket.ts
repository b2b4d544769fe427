import { base64url, SignJWT } from "jose";
import {
  acceptWithin,
  type TicketClaims,
  ticketAlgorithm,
  ticketType,
} from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";
import type { Grant, HostContext } from "./exchange.ts";

/** The site's cookie holds ticket and verifier and must stay below 4,096 bytes with its name. */
const longestTicket = 3_950;

export interface IssuedTicket {
  readonly ticket: string;
  readonly claims: TicketClaims;
}

/**
 * Signs what one site is told about one visitor (RFC 7515, RFC 7519): only groups and roles that its own entry names.
 * A ticket ends with its key at the latest, so that a site never holds one that it can't verify any more.
 *
 * @param now seconds since 1970
 * @throws GateFault `signing-key-expired`, `ticket-too-large`
 */
export async function issueTicket(host: HostContext, grant: Grant, now: number): Promise<IssuedTicket> {
  const { active } = host.settings.signing;
  if (now >= active.publicKey.not_after) throw new GateFault("signing-key-expired", active.kid);
  const sign = (claims: TicketClaims) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ticketAlgorithm, typ: ticketType, kid: active.kid })
      .sign(active.privateKey);
  const claims = claimsOf(host, grant, now);
  const ticket = await sign(claims);
  if (ticket.length <= longestTicket) return { ticket, claims };
  // Nothing is decided by a name: what stands beside a great many groups may be cut.
  const name = withoutBytes(claims.name, Math.ceil(((ticket.length - longestTicket) * 3) / 4) + 2);
  const shorter = { ...claims, name };
  const second = await sign(shorter);
  if (second.length > longestTicket) throw new GateFault("ticket-too-large", grant.site.row.project);
  return { ticket: second, claims: shorter };
}

/** A text without so many bytes of UTF-8 at its end. */
function withoutBytes(text: string, bytes: number): string {
  const characters = [...text];
  for (let left = bytes; left > 0 && characters.length > 0; )
    left -= new TextEncoder().encode(characters.pop()).length;
  return characters.join("");
}

function claimsOf(host: HostContext, { wanted, site, visitor, expires }: Grant, now: number): TicketClaims {
  const { active } = host.settings.signing;
  const { entry } = site;
  const { tid, oid, name, kind, app, scopes, authTime = 0 } = visitor;
  const contexts = (visitor.acrs ?? []).filter((context) => entry.stepUp?.contexts.includes(context));
  return {
    iss: host.settings.origin,
    aud: wanted.origin,
    environment: wanted.environment,
    tid,
    oid,
    name,
    kind,
    ...(app === undefined ? {} : { app }),
    // There even where none is left: without it the visitor would be taken for one who came himself.
    ...(scopes === undefined ? {} : { scopes: scopes.filter((scope) => entry.scopes?.includes(scope)) }),
    groups: visitor.groups.filter((id) => entry.groups.includes(id)),
    roles: visitor.roles.filter((role) => entry.roles.includes(role)),
    auth_time: authTime,
    ...(contexts.length === 0 ? {} : { acrs: contexts }),
    iat: now,
    exp: Math.min(expires, active.publicKey.not_after),
    accept_by: now + acceptWithin,
    cnf: { challenge: wanted.challenge },
    jti: base64url.encode(host.deps.random(16)),
  };
}
