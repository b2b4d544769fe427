import { decodeProtectedHeader, importJWK, type JWK, jwtVerify } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { s256 } from "../../../pages-plugin/src/oidc/random.ts";
import { clientSecret, reviewer, tenantId } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  entryWith,
  formOf,
  hostOrigin,
  production,
  rowWith,
  signingKid,
  site,
  start,
  verifier,
  type World,
} from "./support/world.ts";

let world: World;
let browser: Browser;

beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
});

async function claimsOf(response: Response) {
  const form = await formOf(response);
  if (!form) throw new Error(`no ticket: ${response.status} ${codeOf(response)}`);
  const jwks = (await (await world.fetch(new Request(`${hostOrigin}/.auth/jwks`))).json()) as { keys: JWK[] };
  const { kid } = decodeProtectedHeader(form.ticket);
  const key = await importJWK(jwks.keys.find((jwk) => jwk.kid === kid) as JWK, "RS256");
  const options = { typ: "entra-gate-ticket+jwt", currentDate: new Date(world.clock.now) };
  return (await jwtVerify(form.ticket, key, options)).payload;
}

describe("the authorization request", () => {
  test("is code flow with PKCE, state and nonce, and no prompt", async () => {
    const response = await browser.visit(await authorizeUrl());
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.href.startsWith(`${world.provider.authority}/${tenantId}/oauth2/v2.0/authorize?`)).toBe(
      true,
    );
    const query = Object.fromEntries(location.searchParams);
    expect(query).toMatchObject({
      response_type: "code",
      response_mode: "query",
      scope: "openid profile User.Read",
      redirect_uri: `${hostOrigin}/.auth/callback`,
      code_challenge_method: "S256",
    });
    expect(query["code_challenge"]).toMatch(/^[\w-]{43}$/);
    expect(query["nonce"]).toMatch(/^[\w-]{43}$/);
    expect(query["prompt"]).toBeUndefined();
    expect(response.headers.get("location")?.endsWith("#")).toBe(true);
  });

  test("leaves an encrypted, Lax, ten-minute transaction cookie", async () => {
    const response = await browser.visit(await authorizeUrl());
    const [line = ""] = response.headers.getSetCookie();
    expect(line).toMatch(
      /^__Host-entra-gate-htx-[0-9a-z]{22}=[\w.-]+; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
    );
    expect(line).not.toContain(site);
  });

  test("keeps at most four sign-ins under way and forgets the oldest", async () => {
    for (let count = 0; count < 6; count++) {
      world.clock.now += 1000;
      await browser.visit(await authorizeUrl({ tx: `tx${count}` }));
    }
    expect(browser.cookies.size).toBe(4);
  });
});

describe("a first sign-in", () => {
  test("ends in a ticket for exactly this site, browser and visitor", async () => {
    const response = await browser.signIn(await authorizeUrl());
    expect(response.status).toBe(200);
    const form = await formOf(response);
    expect(form).toMatchObject({ action: `${site}/.auth/accept`, tx: "tx1" });
    const now = start / 1000;
    expect(decodeProtectedHeader(form?.ticket ?? "")).toEqual({
      alg: "RS256",
      typ: "entra-gate-ticket+jwt",
      kid: signingKid,
    });
    expect(await claimsOf(response)).toMatchObject({
      iss: hostOrigin,
      aud: site,
      environment: "preview",
      tid: tenantId,
      oid: reviewer.oid,
      name: reviewer.name,
      kind: "user",
      groups: reviewer.groups,
      roles: [],
      auth_time: 0,
      iat: now,
      exp: now + 3600,
      accept_by: now + 60,
      cnf: { challenge: await s256(verifier) },
    });
  });

  test("is posted by a page that can post to that site only and be framed by none", async () => {
    const { headers } = await browser.signIn(await authorizeUrl());
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain(`form-action ${site};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'nonce-[\w+/=]+'/);
    expect(policy).toContain("default-src 'none'");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("strict-origin");
  });

  test("has a visible button for browsers without script", async () => {
    const html = await (await browser.signIn(await authorizeUrl())).text();
    expect(html).toMatch(/<button>[^<]+<\/button>/);
  });

  test("sends the secret in the body, without an Origin, and follows no redirect", async () => {
    await browser.signIn(await authorizeUrl());
    const [request] = world.provider.requests;
    expect(request?.form.get("client_secret")).toBe(clientSecret);
    expect(request?.headers.has("authorization")).toBe(false);
    expect(request?.headers.has("origin")).toBe(false);
    expect(request?.init.redirect).toBe("manual");
  });

  test("leaves a Lax session cookie and no transaction", async () => {
    const response = await browser.signIn(await authorizeUrl());
    expect([...browser.cookies.keys()]).toEqual(["__Host-entra-gate-host"]);
    const line = response.headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith("__Host-entra-gate-host="));
    expect(line).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  });

  test("tells a site only those groups and roles that its entry names", async () => {
    const other = "9a000000-0000-4000-8000-0000000000ff";
    world.rows = [
      rowWith(),
      rowWith({
        project: "other",
        subdomain: "other.localhost:8788",
        origins: ["http://other.localhost:8788"],
        entries: { preview: entryWith({ groups: [other], roles: ["Other.Role"] }) },
      }),
    ];
    world.provider.visitor = {
      ...reviewer,
      groups: [...reviewer.groups, other],
      roles: ["Preview.Test", "Other.Role", "Unnamed.Role"],
    };
    const claims = await claimsOf(await browser.signIn(await authorizeUrl()));
    expect(claims["groups"]).toEqual(reviewer.groups);
    expect(claims["roles"]).toEqual(["Preview.Test"]);
    const second = await browser.visit(await authorizeUrl({ origin: "http://x.other.localhost:8788" }));
    expect(await claimsOf(second)).toMatchObject({ groups: [other], roles: ["Other.Role"] });
  });
});

describe("two tabs at once (oauth2-proxy#611)", () => {
  test("both arrive, whichever comes back first", async () => {
    const first = await browser.visit(await authorizeUrl({ tx: "tab-1" }));
    const second = await browser.visit(await authorizeUrl({ tx: "tab-2", origin: production }, "production"));
    const back = (response: Response) =>
      browser.visit(world.provider.authorize(response.headers.get("location") ?? ""));
    expect(await formOf(await back(second))).toMatchObject({
      tx: "tab-2",
      action: `${production}/.auth/accept`,
    });
    expect(await formOf(await back(first))).toMatchObject({ tx: "tab-1", action: `${site}/.auth/accept` });
  });
});

describe("a session at the host", () => {
  test("answers the next site without asking Entra", async () => {
    await browser.signIn(await authorizeUrl());
    const response = await browser.visit(await authorizeUrl({ origin: production }, "production"));
    expect((await claimsOf(response))["aud"]).toBe(production);
    expect(world.provider.requests.length).toBe(1);
  });

  test("asks again when claims are older than recheck, with the hint it knows", async () => {
    world.provider.visitor = { ...reviewer, login_hint: "O.opaque" };
    await browser.signIn(await authorizeUrl());
    world.clock.now += 3_600_000 - 59_000;
    const response = await browser.visit(await authorizeUrl());
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.searchParams.get("login_hint")).toBe("O.opaque");
    expect(location.searchParams.has("prompt")).toBe(false);
  });

  test("never outlives sign-in + lifetime, however often claims are renewed", async () => {
    await browser.signIn(await authorizeUrl());
    for (let round = 1; round <= 7; round++) {
      world.clock.now = start + round * 61 * 60_000;
      await browser.signIn(await authorizeUrl());
    }
    world.clock.now = start + 7.5 * 3_600_000;
    expect((await claimsOf(await browser.visit(await authorizeUrl())))["exp"]).toBe(start / 1000 + 8 * 3600);
    world.clock.now = start + 8 * 3_600_000 - 30_000;
    const renewed = await claimsOf(await browser.signIn(await authorizeUrl()));
    expect(renewed["exp"]).toBe(Math.floor(world.clock.now / 1000) + 3600);
  });

  test("does not pass from one person to the next at the same browser", async () => {
    for (let round = 0; round <= 7; round++) {
      world.clock.now = start + round * 61 * 60_000;
      await browser.signIn(await authorizeUrl());
    }
    world.clock.now += 31 * 60_000;
    world.provider.visitor = { ...reviewer, oid: "0d000000-0000-4000-8000-000000000002", name: "Other" };
    const claims = await claimsOf(await browser.signIn(await authorizeUrl({ ask: "account" })));
    expect(claims).toMatchObject({
      oid: "0d000000-0000-4000-8000-000000000002",
      exp: world.clock.now / 1000 + 3600,
    });
  });

  test("is asked for anew when some site names another group or role", async () => {
    await browser.signIn(await authorizeUrl());
    world.rows = [rowWith({ entries: { preview: entryWith({ roles: ["Preview.Test", "New.Role"] }) } })];
    world.clock.now += 61_000;
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
  });

  test("made with an older cookie key still counts; with a dropped one it is a new sign-in, not an error", async () => {
    await browser.signIn(await authorizeUrl());
    const old = world.env["GATE_COOKIE_KEY_20261101_0000AA"];
    world.env["GATE_COOKIE_KEY_20261120_0000BB"] = "A".repeat(43);
    world.env["GATE_COOKIE_ACTIVE"] = "20261120_0000BB";
    world.restart();
    expect((await browser.visit(await authorizeUrl())).status).toBe(200);
    delete world.env["GATE_COOKIE_KEY_20261101_0000AA"];
    world.restart();
    expect(typeof old).toBe("string");
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
  });

  test("of another tenant than the configured one is none", async () => {
    await browser.signIn(await authorizeUrl());
    world.env["ENTRA_TENANT_ID"] = "99999999-2222-4333-8444-555555555555";
    world.restart();
    const response = await browser.visit(await authorizeUrl());
    expect(response.status).toBe(303);
  });
});
