import { createHash, randomBytes } from "node:crypto";
import { decodeJwt, importJWK, type JWK, SignJWT } from "jose";
import type { BrowserContext } from "playwright-core";
import { cookies } from "../../contract/names/cookies.ts";
import { variables } from "../../contract/names/variables.ts";
import { type TicketClaims, ticketAlgorithm, ticketType } from "../../contract/tickets/claims.ts";
import { demo } from "../../local/world/demo.ts";
import type { World } from "../../local/world/world.ts";
import { sessionCookieValue } from "../../pages-plugin/src/session/site-session.ts";

/** The value of a profile's session at an origin, or undefined where it has none. */
export async function sessionValue(context: BrowserContext, origin: string): Promise<string | undefined> {
  return (await context.cookies(origin)).find(({ name }) => name === cookies.siteSession)?.value;
}

/** What the session of a profile says. */
export async function sessionClaims(context: BrowserContext, origin: string): Promise<TicketClaims> {
  const value = (await sessionValue(context, origin)) ?? "";
  return decodeJwt<TicketClaims>(value.slice(0, value.lastIndexOf(".")));
}

/**
 * Replaces a profile's session by the same one near its end: same person, same sign-in, signed with the sign-in
 * host's real key. workerd's clock can't be moved, so that the end is brought near instead.
 *
 * @param seconds until it ends
 * @returns the cookie's value
 */
export async function shortenSession(
  world: World,
  context: BrowserContext,
  origin: string,
  seconds: number,
): Promise<string> {
  const claims = await sessionClaims(context, origin);
  const { kid, key } = await signingKey(world);
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const ticket = await new SignJWT({ ...claims, exp, cnf: { challenge } })
    .setProtectedHeader({ alg: ticketAlgorithm, typ: ticketType, kid })
    .sign(key);
  const value = sessionCookieValue(ticket, verifier);
  const { hostname } = new URL(origin);
  await context.addCookies([
    {
      name: cookies.siteSession,
      value,
      domain: hostname,
      path: "/",
      secure: true,
      httpOnly: true,
      sameSite: "Lax",
    },
  ]);
  return value;
}

async function signingKey({ cloudflare }: World) {
  const settings = cloudflare.project(demo.signInHostProject)?.configs.production.env_vars ?? {};
  const kid = settings[variables.signingActive]?.value ?? "";
  const jwk = JSON.parse(settings[variables.signingKeyPrefix + kid]?.value ?? "{}") as JWK;
  return { kid, key: await importJWK(jwk, ticketAlgorithm) };
}
