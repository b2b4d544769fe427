import { createHash, randomBytes } from "node:crypto";
import type { SiteConfig } from "../../contract/config/site.ts";
import { cookies } from "../../contract/names/cookies.ts";
import { type TicketClaims, ticketAlgorithm, ticketType } from "../../contract/tickets/claims.ts";

const signatureBytes = 256;
const somebody = "00000000-0000-4000-8000-000000000001";

/**
 * A session cookie that says all the right things: issuer, this origin, this environment, every group and role that
 * the policy names, under the id of the sign-in host's own key. Only its signature is nobody's, so whoever lets it in
 * does not look at signatures (RFC 8725 section 3.1).
 *
 * @param origin that the ticket is for
 * @param now milliseconds since 1970
 */
export function forgedSession(config: SiteConfig, origin: string, now: number): string {
  const { policy, signIn } = config;
  const seconds = Math.floor(now / 1000);
  const verifier = randomBytes(32).toString("base64url");
  const allows = policy.rules.map(({ allow }) => allow);
  const claims: TicketClaims = {
    iss: signIn.origin,
    aud: origin,
    environment: policy.environment,
    tid: somebody,
    oid: somebody,
    name: "Nobody",
    kind: "user",
    groups: [...new Set(allows.flatMap(({ groups }) => groups))],
    roles: [...new Set(allows.flatMap(({ roles }) => roles))],
    auth_time: seconds,
    acrs: [...new Set(policy.rules.flatMap(({ authContext }) => authContext ?? []))],
    iat: seconds,
    exp: seconds + 3600,
    accept_by: seconds + 60,
    cnf: { challenge: createHash("sha256").update(verifier).digest("base64url") },
    jti: randomBytes(16).toString("base64url"),
  };
  const header = { alg: ticketAlgorithm, typ: ticketType, kid: signIn.keys[0]?.kid ?? "" };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const ticket = `${part(header)}.${part(claims)}.${randomBytes(signatureBytes).toString("base64url")}`;
  return `${cookies.siteSession}=${ticket}.${verifier}`;
}
