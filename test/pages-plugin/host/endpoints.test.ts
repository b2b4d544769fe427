import { beforeEach, describe, expect, test } from "vitest";
import { reviewer, tenantId } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  cookieKid,
  createWorld,
  events,
  hostOrigin,
  navigation,
  newCookieKey,
  signingKey,
  signingKid,
  type World,
} from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const get = (path: string, init: RequestInit = {}) =>
  world.fetch(new Request(new URL(path, hostOrigin), init));

describe("what isn't there", () => {
  test.each([
    ...["/", "/index.html", "/.auth", "/.auth/", "/.auth/login", "/.auth/me", "/.auth/accept"],
    ...[
      "/.auth/authorize/",
      "/.auth/jwks/x",
      "/.AUTH/jwks",
      "/.auth%2fjwks",
      "//.auth/jwks",
      "/.well-known/openid-configuration",
    ],
  ])("%s is 404", async (path) => {
    const response = await world.fetch(new Request(hostOrigin + path, { headers: navigation }));
    expect(response.status).toBe(404);
  });

  test.each([
    "http://abc.gate.localhost:8788",
    "http://gate.localhost:8789",
    "https://gate.localhost:8788",
    "http://gate.localhost.evil.example:8788",
  ])("everything is 404 at %s, where old deployments keep old keys", async (origin) => {
    for (const path of ["/.auth/jwks", "/.auth/status", "/.auth/logout"]) {
      const response = await world.fetch(new Request(origin + path));
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain(signingKid);
    }
    const asked = await authorizeUrl();
    const response = await world.fetch(
      new Request(origin + asked.pathname + asked.search, { headers: navigation }),
    );
    expect(response.status).toBe(404);
    expect(world.log).toEqual([]);
  });

  test.each([
    ["/.auth/jwks", "POST", "GET, HEAD"],
    ["/.auth/status", "DELETE", "GET, HEAD"],
    ["/.auth/signed-out", "POST", "GET, HEAD"],
    ["/.auth/logout", "PUT", "GET, HEAD, POST"],
    ["/.auth/jwks", "OPTIONS", "GET, HEAD"],
  ])("%s by %s is 405 and says %s", async (path, method, allow) => {
    const response = await get(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
  });
});

describe("jwks", () => {
  test("publishes every public key with its end, and nothing private", async () => {
    world.env["GATE_SIGNING_KEY_20260701_FFFFFF"] = await signingKey();
    world.restart();
    const response = await get("/.auth/jwks");
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ kid }) => kid).sort()).toEqual(["20260701_FFFFFF", signingKid]);
    const key = keys.find(({ kid }) => kid === signingKid);
    expect(Object.keys(key ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "not_after", "use"]);
    expect(key).toMatchObject({ alg: "RS256", use: "sig", kty: "RSA" });
    expect(key?.["not_after"]).toBe(Date.UTC(2026, 10, 1) / 1000 + 180 * 86_400);
  });

  test("may be cached for five minutes at most", async () => {
    expect((await get("/.auth/jwks")).headers.get("cache-control")).toBe("public, max-age=300");
  });

  test("leaves out a key that is past its end", async () => {
    world.env["GATE_SIGNING_KEY_20260101_FFFFFF"] = await signingKey();
    world.restart();
    const { keys } = (await (await get("/.auth/jwks")).json()) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid)).toEqual([signingKid]);
  });

  test("an active key past its end signs nothing: 503", async () => {
    world.clock.now = Date.UTC(2027, 4, 1);
    world.env["GATE_COOKIE_KEY_20270101_FFFFFF"] = newCookieKey();
    world.env["GATE_COOKIE_ACTIVE"] = "20270101_FFFFFF";
    world.restart();
    const response = await new Browser(world).signIn(await authorizeUrl());
    expect(codeOf(response)).toBe("signing-key-expired");
  });

  test("nor does an active cookie key close anything past its end", async () => {
    world.clock.now = Date.UTC(2027, 4, 1);
    expect(codeOf(await new Browser(world).visit(await authorizeUrl()))).toBe("cookie-key-expired");
  });
});

test("status names version, bundle and keys, and nothing secret", async () => {
  const response = await get("/.auth/status");
  const body = await response.json();
  expect(body).toEqual({
    version: expect.any(String),
    role: "host",
    bundle: "b0b0",
    keys: {
      signing: [signingKid],
      cookie: cookieKid,
      cookies: [cookieKid],
      entra: world.env["GATE_ENTRA_KEY_ID"],
    },
    audit: { failed: 0 },
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
});

describe("sign-out", () => {
  test("GET asks and changes nothing", async () => {
    const browser = new Browser(world);
    await browser.signIn(await authorizeUrl());
    const response = await browser.visit(`${hostOrigin}/.auth/logout`);
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toContain('<form method="post" action="/.auth/logout"');
  });

  test("POST from the host's own page clears every cookie of the host and is recorded", async () => {
    const browser = new Browser(world);
    await browser.signIn(await authorizeUrl());
    await browser.visit(await authorizeUrl({ ask: "account" }));
    expect(browser.cookies.size).toBe(2);
    const response = await browser.visit(`${hostOrigin}/.auth/logout`, {
      method: "POST",
      headers: { origin: hostOrigin },
    });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/.auth/signed-out");
    expect(browser.cookies.size).toBe(0);
    expect(events(world).at(-1)).toMatchObject({ activity_name: "Logoff", status: "Success" });
  });

  test("also at Microsoft if asked: its address by a page, with the way back and whose session it is", async () => {
    const browser = new Browser(world);
    world.provider.visitor = { ...reviewer, login_hint: "O.opaque" };
    await browser.signIn(await authorizeUrl());
    const asked = await (await browser.visit(`${hostOrigin}/.auth/logout`)).text();
    expect(asked).toContain('action="/.auth/logout?at=microsoft"');
    const headers = { origin: hostOrigin };
    const answer = await browser.visit(`${hostOrigin}/.auth/logout?at=microsoft`, {
      method: "POST",
      headers,
    });
    expect([answer.status, answer.headers.get("location"), browser.cookies.size]).toEqual([200, null, 0]);
    expect(events(world).at(-1)).toMatchObject({ activity_name: "Logoff", status: "Success" });
    const [, link = ""] = /<a href="([^"]+)"/.exec(await answer.text()) ?? [];
    const url = new URL(link.replaceAll("&amp;", "&"));
    expect(url.origin + url.pathname).toBe(`${world.provider.authority}/${tenantId}/oauth2/v2.0/logout`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      post_logout_redirect_uri: `${hostOrigin}/.auth/callback`,
      logout_hint: "O.opaque",
    });
  });

  test("the way back from there is the callback without anything, which is nobody's sign-in", async () => {
    const back = await new Browser(world).visit(`${hostOrigin}/.auth/callback`);
    expect([back.status, back.headers.get("location")]).toEqual([303, "/.auth/signed-out?at=microsoft"]);
    const told = await (await get("/.auth/signed-out?at=microsoft")).text();
    expect([told.includes("logout"), told.includes("until they check again")]).toEqual([false, true]);
    expect(await (await get("/.auth/signed-out")).text()).toContain("post_logout_redirect_uri");
    const forged = await new Browser(world).visit(`${hostOrigin}/.auth/callback?x=1`);
    expect(codeOf(forged)).toBe("callback-state-missing");
  });

  test.each([undefined, "null", "http://evil.localhost", "http://abc.gate.localhost:8788", `${hostOrigin}/`])(
    "POST with Origin %s is refused",
    async (origin) => {
      const browser = new Browser(world);
      await browser.signIn(await authorizeUrl());
      const headers = origin === undefined ? {} : { origin };
      const response = await browser.visit(`${hostOrigin}/.auth/logout`, { method: "POST", headers });
      expect(codeOf(response)).toBe("host-origin-foreign");
      expect(browser.cookies.size).toBe(1);
    },
  );

  test("the page after it says that other sites end later, and is not kept", async () => {
    const response = await get("/.auth/signed-out", { headers: navigation });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toContain("until they check again");
  });
});
