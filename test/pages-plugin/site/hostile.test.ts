import { describe, expect, it } from "vitest";
import { codeOf, makeGate, navigation, sessionCookie, siteOrigin, ticketFor } from "./support.ts";

/** Requests that once got past some gate; here each must end before the code behind. */
async function refused(path: string, init: RequestInit = {}): Promise<string> {
  const { ask, reached } = makeGate();
  const answer = await ask(path, init);
  expect(reached).toHaveLength(0);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  return codeOf(answer);
}

describe("bypasses seen in the wild", () => {
  it.each(["x-forwarded-uri", "x-original-url", "x-rewrite-url", "x-forwarded-path"])(
    "CVE-2026-40575: %s says nothing about the path",
    async (name) => {
      expect(await refused("/docs", { headers: { [name]: "/open/x" } })).toBe("sign-in-required");
    },
  );

  it("GHSA-7rh7-c77v-6434: the query says nothing about the path", async () => {
    expect(await refused("/docs?/open/x")).toBe("sign-in-required");
    expect(await refused("/docs?x=/../open/x")).toBe("sign-in-required");
  });

  it("CVE-2026-41059: an encoded # does not cut the path", async () => {
    expect(await refused("/open%23/../docs")).toBe("sign-in-required");
    expect(await refused("/docs%23/open/x")).toBe("sign-in-required");
    const { ask, reached } = makeGate();
    await ask("/admin%23/../open/x");
    for (const { request } of reached) expect(new URL(request.url).pathname).toBe("/open/x");
  });

  it.each(["kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "PingAccess", "Googlebot"])(
    "CVE-2026-34457: User-Agent %s opens nothing",
    async (agent) => {
      expect(await refused("/docs", { headers: { "user-agent": agent } })).toBe("sign-in-required");
      expect(await refused("/ping", { headers: { "user-agent": agent } })).toBe("sign-in-required");
    },
  );

  it.each([
    "/%2561dmin/",
    "/%61dmin/",
    "/ADMIN/",
    "/open/..%2fadmin/",
    "/open/%2e%2e/admin/",
    "/open/%252e%252e/admin/",
    "//admin/",
    "/open\\..\\admin/",
    "/admin%2f",
    "/admin;x/",
    "/open/..;/admin/",
  ])("CVE-2025-66202, CVE-2026-29087: %s is not open", async (path) => {
    expect(["sign-in-required", "path-ambiguous"]).toContain(await refused(path));
    const { ask } = makeGate();
    const headers = { ...navigation, cookie: await sessionCookie() };
    // A reviewer may see the site, but nothing that could be read as /admin.
    expect([400, 403]).toContain((await ask(path, { headers })).status);
  });

  it("GHSA-f82v-jwr5-mffw: no internal header skips the gate", async () => {
    for (const name of [
      "x-middleware-subrequest",
      "x-middleware-next",
      "x-entra-gate-decision",
      "entra-gate.decision",
    ]) {
      expect(await refused("/docs", { headers: { [name]: "middleware:middleware:middleware" } })).toBe(
        "sign-in-required",
      );
    }
  });

  it("GHSA-xmf8-cvqr-rfgj: a malformed Authorization crashes nothing and opens nothing", async () => {
    const ticket = await ticketFor();
    for (const value of [
      "Bearer",
      "Bearer ",
      "bearer",
      "Bearer a.b",
      "Bearer \u00ff",
      "Basic",
      `Bearer ${ticket}`,
      ",",
      "Bearer ,,",
    ]) {
      expect(await refused("/docs", { headers: { authorization: value } })).toBe("sign-in-required");
    }
  });

  it("CVE-2026-114607: a transaction is no session, and a session no transaction", async () => {
    const value = `${Math.floor(Date.now() / 1000)}.${"v".repeat(43)}.Lw`;
    expect(await refused("/docs", { headers: { cookie: `__Host-entra-gate-session=${value}` } })).toBe(
      "session-invalid",
    );
    const session = (await sessionCookie()).replace("-session=", `-tx-${"A".repeat(22)}=`);
    expect(await refused("/docs", { headers: { cookie: session } })).toBe("sign-in-required");
  });

  it("cookies of other names and cases are no session", async () => {
    const cookie = await sessionCookie();
    for (const other of [
      cookie.replace("__Host-", ""),
      cookie.replace("__Host-", "__Secure-"),
      cookie.toUpperCase(),
      ` ;=${cookie}`,
    ]) {
      expect(await refused("/docs", { headers: { cookie: other } })).toBe("sign-in-required");
    }
  });

  it("cookie bomb: thousands of cookies are an ordinary refusal", async () => {
    const cookie = Array.from({ length: 4000 }, (_, index) => `c${index}=x`).join("; ");
    expect(await refused("/docs", { headers: { cookie } })).toBe("sign-in-required");
    const sessions = Array.from({ length: 500 }, () => "__Host-entra-gate-session=x").join("; ");
    expect(await refused("/docs", { headers: { cookie: sessions } })).toBe("session-invalid");
  });

  it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])(
    "no method opens a path: %s",
    async (method) => {
      expect(await refused("/docs", { method })).not.toBe("");
    },
  );

  it("CVE-2026-34454: a copied cookie lives to its exp and no longer, sign-out or not", async () => {
    const { ask, world } = makeGate();
    const cookie = await sessionCookie();
    await ask("/.auth/logout", { method: "POST", headers: { origin: siteOrigin, cookie } });
    expect((await ask("/docs", { headers: { ...navigation, cookie } })).status).toBe(200);
    world.now += 3600_000;
    expect((await ask("/docs", { headers: { ...navigation, cookie } })).status).toBe(401);
  });

  it("envoy#38919: a stale cookie or a rotated key is a page, never a redirect", async () => {
    const { ask, world } = makeGate();
    const cookie = await sessionCookie();
    world.jwks = () => Response.json({ keys: [] });
    const answer = await ask("/docs", { headers: { ...navigation, cookie } });
    expect(answer.status).toBe(503);
    expect(answer.headers.has("location")).toBe(false);
  });
});

describe("everything below /.auth/ is the gate's", () => {
  it.each([
    "/.auth",
    "/.auth/",
    "/.auth/x",
    "/.auth/Login",
    "/.AUTH/login",
    "/.Auth/Card.png",
    "/%2eauth/login",
    "/.%61uth/x",
    "/.auth/login/",
    "/.auth/login.html",
    "/.auth/index.html",
    "/.auth.html",
    "/.auth/../.auth/x",
    "/.auth/callback",
    "/%252eauth/login",
    "/.auth;x/login",
  ])("%s is 404", async (path) => {
    const { ask, reached } = makeGate();
    const answer = await ask(path, { headers: { ...navigation, cookie: await sessionCookie() } });
    expect(reached).toHaveLength(0);
    expect([answer.status, await codeOf(answer)]).toEqual([404, "auth-path-unknown"]);
  });

  it.each(["/.auth%2flogin", "//.auth/login", "/.auth%5clogin", "/x/..%2f.auth/login"])(
    "%s is 400",
    async (path) => {
      const { ask, reached } = makeGate();
      expect((await ask(path, { headers: { cookie: await sessionCookie() } })).status).toBe(400);
      expect(reached).toHaveLength(0);
    },
  );

  it.each(["/.authors", "/auth/login", "/x/.auth/login"])("%s is the site's", async (path) => {
    const { ask, reached } = makeGate();
    await ask(path, { headers: { ...navigation, cookie: await sessionCookie() } });
    expect(reached).toHaveLength(1);
  });
});
