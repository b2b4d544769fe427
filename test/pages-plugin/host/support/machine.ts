import { type JWTPayload, SignJWT } from "jose";
import { s256 } from "../../../../pages-plugin/src/oidc/random.ts";
import { clientId, tenantId } from "./provider.ts";
import { hostOrigin, site, verifier, type World } from "./world.ts";

export const testClient = "cccccccc-1111-4222-8333-dddddddddddd";
export const principal = "0a000000-0000-4000-8000-00000000000a";

/** Claims of an app-only token of version 2.0 with the role that the default site's entry names. */
export function machineClaims(world: World, changes: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(world.clock.now / 1000);
  return {
    iss: world.provider.issuer,
    aud: clientId,
    tid: tenantId,
    iat: now - 300,
    nbf: now - 300,
    exp: now + 3600,
    azp: testClient,
    azpacr: "2",
    oid: principal,
    sub: principal,
    roles: ["Preview.Test"],
    idtyp: "app",
    ver: "2.0",
    ...changes,
  };
}

/** What makes it a token of version 1.0. */
export const v1 = (world: World) => ({
  ver: "1.0",
  iss: `${world.provider.authority}/${tenantId}/`,
  azp: undefined,
  azpacr: undefined,
  appid: testClient,
  appidacr: "2",
});

/** What makes it a delegated token. */
export const delegated = {
  idtyp: undefined,
  roles: undefined,
  scp: "Sites.Read Sites.Other",
  oid: "0d000000-0000-4000-8000-000000000001",
  sub: "pairwise",
  name: "Rita Reviewer",
};

export function sign(
  world: World,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: world.provider.kid, ...header })
    .sign(world.provider.privateKey);
}

export const tokenWith = (world: World, changes: Record<string, unknown> = {}) =>
  sign(world, machineClaims(world, changes));

export interface Asked {
  readonly authorization?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** One request to the host's session endpoint, as a script sends it. */
export async function ask(world: World, asked: Asked = {}): Promise<Response> {
  const body = asked.body ?? { origin: site, challenge: await s256(verifier) };
  const headers = new Headers({ "content-type": "application/json", ...asked.headers });
  if (asked.authorization !== undefined) headers.set("authorization", asked.authorization);
  return world.fetch(
    new Request(`${hostOrigin}/.auth/session`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers,
    }),
  );
}

export const askWith = async (world: World, token: string, asked: Asked = {}) =>
  ask(world, { ...asked, authorization: `Bearer ${token}` });
