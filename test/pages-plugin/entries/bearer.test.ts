import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { entraGate } from "../../../pages-plugin/src/entries/plugin.ts";
import standalone from "../../../pages-plugin/src/entries/standalone.ts";
import { createGate } from "../../../pages-plugin/src/entries/wrapped.ts";
import { createBearerTokens } from "../../../pages-plugin/src/site/bearer.ts";
import { newCookieKey } from "../host/support/world.ts";

const tenantId = "11111111-2222-4333-8444-555555555555";
const clientId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const app = "cccccccc-1111-4222-8333-dddddddddddd";
const site = "https://www.harbour.example";
const authority = "https://login.microsoftonline.us";
const signIn = "https://gate.example";

const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "k", use: "sig" };
const policy = {
  roles: ["Site.Test"],
  preview: { rules: [{ path: "/*", allow: { roles: ["Site.Test"] } }] },
  production: { bearer: true, rules: [{ path: "/*", allow: { roles: ["Site.Test"] } }] },
};
const fetched: string[] = [];
const deps = {
  now: () => Date.now(),
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
  log: () => undefined,
  fetch: (async (input) => {
    fetched.push(String(input));
    return Response.json({ keys: [jwk] });
  }) as typeof fetch,
};
const now = Math.floor(Date.now() / 1000);
const token = await new SignJWT({
  ...{ iss: `${authority}/${tenantId}/v2.0`, aud: clientId, tid: tenantId, ver: "2.0", azp: app },
  ...{ oid: app, sub: app, idtyp: "app", roles: ["Site.Test"], iat: now, nbf: now, exp: now + 3600 },
})
  .setProtectedHeader({ alg: "RS256", kid: "k" })
  .sign(privateKey);
const request = (headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  new Request(`${site}/`, { headers });

/** A plugin's answer, and the Authorization header that the code behind saw. */
async function askPlugin(gate: ReturnType<typeof entraGate>, env: Record<string, unknown>) {
  let seen: string | null | undefined;
  const response = await gate({
    request: request(),
    env,
    data: {},
    waitUntil: () => undefined,
    next: async (behind = request()) => {
      seen = behind.headers.get("authorization");
      return new Response("content");
    },
  });
  return { status: response.status, code: response.headers.get("x-entra-gate-code"), seen };
}

const host = { GATE_SIGN_IN_ORIGIN: signIn };
const entra = { ENTRA_TENANT_ID: tenantId.toUpperCase(), ENTRA_CLIENT_ID: clientId, ENTRA_CLOUD: "usgov" };

describe("the plugin", () => {
  test("takes tokens in production, of the tenant and application that its variables name", async () => {
    const env = { ...host, ...entra, GATE_ENVIRONMENT: "production" };
    expect(await askPlugin(entraGate(policy, deps), env)).toEqual({ status: 200, code: null, seen: null });
    expect(fetched).toContain(`${authority}/${tenantId}/discovery/v2.0/keys`);
  });

  test("takes none in a preview, whatever its variables name", async () => {
    const env = { ...host, ...entra, GATE_ENVIRONMENT: "preview" };
    expect(await askPlugin(entraGate(policy, deps), env)).toMatchObject({
      status: 401,
      code: "sign-in-required",
    });
  });

  test.each([
    ["no tenant", { ENTRA_TENANT_ID: undefined }],
    ["a name for a tenant", { ENTRA_TENANT_ID: "common" }],
    ["no application", { ENTRA_CLIENT_ID: "" }],
    ["another cloud", { ENTRA_CLOUD: "mars" }],
    ["an authority with a path", { ENTRA_AUTHORITY: "https://login.example/x" }],
  ])("is closed to everybody with %s", async (_, change) => {
    const env = { ...host, ...entra, GATE_ENVIRONMENT: "production", ...change };
    const answer = await askPlugin(entraGate(policy, deps), env);
    expect(answer).toEqual({ status: 503, code: "site-settings-invalid", seen: undefined });
  });
});

test("a site that signs in for itself takes tokens for its own application, and no tickets", async () => {
  const env = {
    ...{ GATE_ROLE: "standalone", GATE_HOST_ORIGIN: site, ...entra, ENTRA_CLIENT_SECRET: "secret" },
    ...{ GATE_COOKIE_KEY_20261101_0000AA: newCookieKey(), GATE_COOKIE_ACTIVE: "20261101_0000AA" },
  };
  const gate = standalone(policy, deps);
  expect(await askPlugin(gate, env)).toEqual({ status: 200, code: null, seen: null });
  const posted = await gate({
    request: new Request(`${site}/.auth/session`, { method: "POST" }),
    env,
    data: {},
    waitUntil: () => undefined,
    next: async () => new Response("content"),
  });
  expect(posted.status).toBe(404);
});

describe("the wrapped gate", () => {
  const wrapped = async (create?: typeof createBearerTokens) => {
    const parsed = parsePolicy(policy);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const config = {
      signIn: { origin: signIn, keys: [] },
      policy: await compilePolicy(parsed.policy, "production"),
      bearer: { tenantId, clientId, authority },
      project: "harbour",
      bundle: "b",
    };
    const worker = { fetch: () => new Response("content") };
    const gate = createGate(JSON.parse(JSON.stringify(config)), worker, deps, create);
    return gate.fetch(request(), {}, { waitUntil: () => undefined });
  };

  test("takes tokens where it was built with what verifies them", async () => {
    expect((await wrapped(createBearerTokens)).status).toBe(200);
  });

  test("is closed where it was not, rather than ignoring what the policy says", async () => {
    const response = await wrapped();
    expect(response.headers.get("x-entra-gate-code")).toBe("site-settings-invalid");
  });
});
