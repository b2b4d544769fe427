import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { PinnedKey, SiteConfig } from "../contract/config/site.ts";
import { cookies } from "../contract/names/cookies.ts";
import type { CompiledAllow, CompiledRule } from "../contract/policy/model.ts";
import { type TicketClaims, ticketAlgorithm, ticketType } from "../contract/tickets/claims.ts";
import { sessionCookieValue } from "../pages-plugin/src/session/site-session.ts";
import { challengeOf } from "../pages-plugin/src/session/site-ticket.ts";
import { accessDomain, oidcAuthEnv, siteOrigin } from "./names.ts";

export const hostOrigin = "https://gate.example";

const hour = 3600;
const tenant = "22222222-2222-4222-8222-222222222222";
const groups = Array.from({ length: 11 }, (_, index) => guid(0x90000000 + index));
const nobody = { anyone: false, members: false, guests: false, groups: [], roles: [], apps: [] };
const reviewers: CompiledAllow = { ...nobody, groups: groups.slice(-1), roles: ["Preview.Test"] };

function guid(number: number): string {
  return `${number.toString(16).padStart(8, "0")}-0000-4000-8000-0000000000aa`;
}

/** A key pair for RS256 and its public half as a JWK Set holds it. */
async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair(ticketAlgorithm, { extractable: true });
  const { n = "", e = "" } = await exportJWK(publicKey);
  return { kid, privateKey, jwk: { kty: "RSA", alg: ticketAlgorithm, use: "sig", kid, n, e } as const };
}

type Key = Awaited<ReturnType<typeof makeKey>>;

/** Everything that is signed before anything is timed. */
export interface Fixtures {
  /** Values of session cookies that really verify, each another visitor's. */
  readonly sessions: readonly string[];
  readonly hostKeys: { readonly keys: readonly unknown[] };
  readonly pinnedKey: PinnedKey;
  readonly oidcAuthCookie: string;
  readonly accessToken: string;
  readonly accessKeys: { readonly keys: readonly unknown[] };
}

/** @param sessions how many visitors */
export async function makeFixtures(sessions: number): Promise<Fixtures> {
  const [hostKey, accessKey] = await Promise.all([makeKey("20261101_A1B2C3"), makeKey("access-1")]);
  const pinnedKey = { ...hostKey.jwk, not_after: seconds() + 180 * 24 * hour };
  const visitors = Array.from({ length: sessions }, (_, index) => sessionCookie(index, hostKey));
  return {
    sessions: await Promise.all(visitors),
    hostKeys: { keys: [hostKey.jwk] },
    pinnedKey,
    oidcAuthCookie: await oidcAuthCookie(),
    accessToken: await accessToken(accessKey),
    accessKeys: { keys: [accessKey.jwk] },
  };
}

/** A wrapped deployment's configuration; the last of its rules is the one that decides. */
export function siteConfig(rules: number, pinnedKey: PinnedKey): SiteConfig {
  const list = Array.from({ length: rules }, (_, index): CompiledRule => {
    const path = index === rules - 1 ? "/*" : `/section-${index}/*`;
    return { id: `preview.rules[${index}]`, path, allow: reviewers };
  });
  return {
    signIn: { origin: hostOrigin, keys: [pinnedKey] },
    policy: {
      environment: "preview",
      digest: "0123456789abcdef0123456789abcdef",
      open: false,
      rules: list,
      groupNames: Object.fromEntries(groups.map((group, index) => [group, `team-${index}`])),
      lifetime: 8 * hour,
      recheck: hour,
    },
    project: "demo",
    bundle: "00112233445566778899aabbccddeeff",
    commit: "0123456789012345678901234567890123456789",
    pullRequest: 7,
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function sessionCookie(index: number, key: Key): Promise<string> {
  const verifier = index.toString(36).padStart(43, "v");
  const now = seconds();
  const claims: TicketClaims = {
    iss: hostOrigin,
    aud: siteOrigin,
    environment: "preview",
    tid: tenant,
    oid: guid(index),
    name: "Zoë van den Berg (Contoso)",
    kind: "user",
    groups,
    roles: ["Site.Author"],
    auth_time: now - 60,
    iat: now,
    exp: now + hour,
    accept_by: now + 60,
    cnf: { challenge: await challengeOf(verifier) },
    jti: `ticket-${index}`,
  };
  const ticket = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ticketAlgorithm, typ: ticketType, kid: key.kid })
    .sign(key.privateKey);
  return `${cookies.siteSession}=${sessionCookieValue(ticket, verifier)}`;
}

/** What @hono/oidc-auth sets after a sign-in at Entra: claims with the refresh token, HS256, about as long as ours. */
async function oidcAuthCookie(): Promise<string> {
  const claims = {
    sub: guid(1),
    email: "zoe@contoso.example",
    rtk: `1.${"AbCdEfGhIjKlMnOpQrStUvWxYz012345".repeat(29)}`,
    rtkexp: seconds() + hour,
    ssnexp: seconds() + 8 * hour,
  };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(oidcAuthEnv.OIDC_AUTH_SECRET));
  return `oidc-auth=${token}`;
}

function accessToken(key: Key): Promise<string> {
  return new SignJWT({
    aud: ["bench"],
    email: "zoe@contoso.example",
    type: "app",
    identity_nonce: "6ei69kawdKzMIAPF",
    sub: guid(1),
    country: "NL",
  })
    .setProtectedHeader({ alg: ticketAlgorithm, kid: key.kid })
    .setIssuer(accessDomain)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(key.privateKey);
}
