import { describe, expect, it } from "vitest";
import {
  codeOf,
  config,
  makeGate,
  makeWorld,
  navigation,
  policy,
  sessionCookie,
  siteOrigin,
} from "./support.ts";

const sameOrigin = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

describe("a request without a session", () => {
  it("gets a 401 page that can go on by script or by link, where it is a navigation", async () => {
    const { ask, reached } = makeGate();
    const answer = await ask("/docs/page?x=1", { headers: navigation });
    expect(answer.status).toBe(401);
    expect(await codeOf(answer)).toBe("sign-in-required");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-security-policy")).toMatch(/script-src 'nonce-/);
    const text = await answer.text();
    expect(text).toContain('href="/.auth/login?return_to=%2Fdocs%2Fpage%3Fx%3D1"');
    expect(text).toContain(`${siteOrigin}/.auth/card.png`);
    expect(reached).toHaveLength(0);
  });

  it.each([
    ["a fetch (oauth2-proxy#1522)", { headers: sameOrigin }],
    [
      "a preflight",
      { method: "OPTIONS", headers: { origin: "https://x.example", "access-control-request-method": "PUT" } },
    ],
    [
      "<link rel=manifest>",
      {
        headers: { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "manifest" },
      },
    ],
    [
      "an image",
      {
        headers: { "sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
      },
    ],
    [
      "a frame",
      {
        headers: {
          "sec-fetch-site": "same-origin",
          "sec-fetch-mode": "navigate",
          "sec-fetch-dest": "iframe",
        },
      },
    ],
    ["a form POST", { method: "POST", headers: { ...navigation, origin: siteOrigin }, body: "a=b" }],
    ["curl", { headers: { accept: "*/*" } }],
  ])("gets 401 JSON and no redirect, where it is %s", async (_, init) => {
    const { ask, reached } = makeGate();
    const answer = await ask("/docs", init);
    expect(answer.status).toBe(401);
    expect(answer.headers.has("location")).toBe(false);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    expect(await answer.json()).toMatchObject({ error: "sign-in-required" });
    expect(reached).toHaveLength(0);
  });

  it("is answered to HEAD as to GET, without the body", async () => {
    const { ask } = makeGate();
    const answer = await ask("/docs", { method: "HEAD", headers: navigation });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("");
  });

  it("sees an open path, as the site answers it", async () => {
    const { ask, reached } = makeGate({
      site: () => new Response("hi", { headers: { "cache-control": "public" } }),
    });
    const answer = await ask("/open/x");
    expect(await answer.text()).toBe("hi");
    expect(answer.headers.get("cache-control")).toBe("public");
    expect(reached[0]?.visitor).toBeUndefined();
  });
});

describe("a request with a session", () => {
  it("is let in by the first rule that admits the visitor", async () => {
    const { ask, reached, world } = makeGate();
    const cookie = await sessionCookie();
    const answer = await ask("/docs", { headers: { ...navigation, cookie } });
    expect(await answer.text()).toBe("content of /docs");
    expect(reached[0]?.visitor).toMatchObject({ name: "Rita Reviewer" });
    await ask("/docs/2", { headers: { ...sameOrigin, cookie } });
    expect(world.fetches).toHaveLength(1);
  });

  it("is told on an open path, too, who is signed in", async () => {
    const { ask, reached } = makeGate({
      site: () => new Response("hi", { headers: { "cache-control": "public, max-age=60" } }),
    });
    const answer = await ask("/open/x", { headers: { ...sameOrigin, cookie: await sessionCookie() } });
    expect(reached[0]?.request.headers.get("x-ms-client-principal-id")).toBe(
      "33333333-3333-4333-8333-333333333333",
    );
    expect(answer.headers.get("cache-control")).toBe("private, max-age=60");
  });

  it("gets a 403 page that names the groups, never their members, and the way to another account", async () => {
    const { ask } = makeGate();
    const cookie = await sessionCookie({ groups: [], name: "<b>Otto</b>" });
    const answer = await ask("/docs", { headers: { ...navigation, cookie } });
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain("reviewers");
    expect(text).toContain('action="/.auth/logout"');
    expect(text).not.toContain("<b>Otto");
    const json = await ask("/admin/x", { headers: { ...sameOrigin, cookie } });
    expect(await json.json()).toMatchObject({ error: "not-admitted" });
  });

  it("gets a 403 page with whom to ask, another account, and a way to have Entra asked again", async () => {
    const contact = "#web & <friends>";
    const { ask } = makeGate({ config: { ...config, policy: { ...policy, contact } } });
    const cookie = await sessionCookie({ groups: [] });
    const text = await (await ask("/docs?x=1", { headers: { ...navigation, cookie } })).text();
    expect(text).toContain("#web &amp; &lt;friends&gt;");
    const again = "/.auth/login?return_to=%2Fdocs%3Fx%3D1&amp;ask=";
    expect(text).toContain(`href="${again}again"`);
    expect(text).toContain(`href="${again}account"`);
    expect(await (await ask("/docs", { headers: navigation })).text()).not.toContain("#web");
  });

  it("is of a member only where the claim says so: unknown is neither member nor guest", async () => {
    const { ask } = makeGate();
    const as = async (kind: "user" | "guest" | "unknown" | "app") =>
      (await ask("/members/x", { headers: { ...sameOrigin, cookie: await sessionCookie({ kind }) } })).status;
    expect([await as("user"), await as("guest"), await as("unknown"), await as("app")]).toEqual([
      200, 403, 403, 403,
    ]);
  });

  it("nOAuth: is not judged by a name", async () => {
    const { ask } = makeGate();
    const cookie = await sessionCookie({ groups: [], name: "reviewers Site.Admin" });
    expect((await ask("/docs", { headers: { ...navigation, cookie } })).status).toBe(403);
  });

  it("that has ended gets 401: a page to a navigation, JSON to a POST, which is not turned into a GET", async () => {
    const { ask, world, reached } = makeGate();
    const cookie = await sessionCookie();
    world.now += 3600_000;
    const page = await ask("/docs", { headers: { ...navigation, cookie } });
    expect([page.status, await codeOf(page)]).toEqual([401, "session-expired"]);
    const post = await ask("/api", {
      method: "POST",
      body: "x",
      headers: { ...sameOrigin, origin: siteOrigin, cookie },
    });
    expect([post.status, await codeOf(post)]).toEqual([401, "session-expired"]);
    expect(post.headers.has("location")).toBe(false);
    expect(reached).toHaveLength(0);
  });

  it("does not count for what a sibling preview started", async () => {
    const { ask, reached } = makeGate();
    const cookie = await sessionCookie();
    const sibling = { "sec-fetch-site": "same-site", cookie };
    const tries: RequestInit[] = [
      { headers: { ...sibling, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" } },
      { headers: { ...sibling, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" } },
      { method: "POST", headers: { ...sibling, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty" } },
      { method: "POST", headers: { cookie } },
    ];
    for (const init of tries) {
      const answer = await ask("/docs", init);
      expect([answer.status, await codeOf(answer)]).toEqual([401, "session-not-counted"]);
    }
    expect(reached).toHaveLength(0);
    await ask("/open/x", tries[0]);
    expect(reached[0]?.visitor).toBeUndefined();
    expect(reached[0]?.request.headers.has("cookie")).toBe(false);
  });

  it("is none where its cookie came twice (planted cookie)", async () => {
    const { ask } = makeGate();
    const cookie = await sessionCookie();
    const other = await sessionCookie({ roles: ["Site.Admin"] });
    const answer = await ask("/admin/", { headers: { ...navigation, cookie: `${cookie}; ${other}` } });
    expect([answer.status, await codeOf(answer)]).toEqual([401, "session-invalid"]);
  });
});

describe("what can't be decided is closed", () => {
  it("no rule: 403 for everybody", async () => {
    const { ask } = makeGate({
      config: { ...config, policy: { ...policy, rules: policy.rules.slice(0, 3) } },
    });
    expect(await codeOf(await ask("/docs"))).toBe("no-rule");
    expect(await codeOf(await ask("/docs", { headers: { cookie: await sessionCookie() } }))).toBe("no-rule");
    const { ask: none } = makeGate({ config: { ...config, policy: { ...policy, rules: [] } } });
    expect((await none("/open/x")).status).toBe(403);
  });

  it("no keys: 503 with a reference for who needs a session, open paths go on", async () => {
    const { ask, world, reached } = makeGate();
    world.jwks = () => {
      throw new Error("unreachable");
    };
    const cookie = await sessionCookie();
    const answer = await ask("/docs", { headers: { ...navigation, cookie } });
    expect([answer.status, await codeOf(answer)]).toEqual([503, "keys-unavailable"]);
    expect(answer.headers.has("location")).toBe(false);
    expect((await ask("/open/x", { headers: { ...navigation, cookie } })).status).toBe(200);
    expect(reached).toHaveLength(1);
  });

  it("a fault anywhere: 503 with a reference that is also in the log", async () => {
    const world = makeWorld();
    const { ask, gate } = makeGate({ world });
    const request = new Request(`${siteOrigin}/docs`, { headers: navigation });
    Object.defineProperty(request, "headers", {
      get() {
        throw new Error("no headers");
      },
    });
    const answer = await gate.handle({
      request,
      waitUntil: world.waitUntil,
      next: async () => new Response("content"),
    });
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("content");
    expect((await ask("/docs", { headers: navigation })).status).toBe(401);
  });

  it("what the site throws ends here, with a reference", async () => {
    const { ask, world } = makeGate({
      site: () => {
        throw new Error("site bug");
      },
    });
    const answer = await ask("/open/x");
    expect([answer.status, await codeOf(answer)]).toEqual([500, "site-threw"]);
    const reference = answer.headers.get("x-entra-gate-reference");
    const line = (await world.log()).find((entry) => entry["level"] === "error");
    expect(line).toMatchObject({ code: "site-threw", reference });
    expect(JSON.stringify(line)).toContain("site bug");
    expect(await answer.text()).not.toContain("site bug");
    const { ask: odd } = makeGate({ site: () => "text" as unknown as Response });
    expect(await codeOf(await odd("/open/x"))).toBe("site-threw");
  });

  it("a sink that fails blocks nothing", async () => {
    const world = makeWorld();
    world.deps.log = () => {
      throw new Error("sink");
    };
    world.waitUntil = () => {
      throw new Error("too late");
    };
    const { ask } = makeGate({ world });
    expect((await ask("/open/x")).status).toBe(200);
    expect((await ask("/docs")).status).toBe(401);
  });
});

describe("one event per decision", () => {
  it("says who, what, by which rule of which policy, of which deployment", async () => {
    const { ask, world } = makeGate();
    await ask("/docs?secret=1", {
      headers: { ...navigation, cookie: await sessionCookie(), "cf-ray": "8a" },
    });
    const denied = await ask("/admin/x", { headers: { ...navigation, cookie: await sessionCookie() } });
    const [allowed, refused, ...rest] = await world.events();
    expect(rest).toEqual([]);
    expect(allowed).toMatchObject({
      class_uid: 6001,
      action: "Allowed",
      status_code: "group",
      firewall_rule: { uid: "preview.rules[3]" },
      policy: { uid: policy.digest },
      actor: {
        user: {
          uid: "33333333-3333-4333-8333-333333333333",
          org: { uid: "22222222-2222-4222-8222-222222222222" },
        },
      },
      http_request: { uid: "8a" },
      http_response: { code: 200 },
      unmapped: { pull_request: 7, commit: config.commit, bundle: config.bundle },
    });
    expect(refused).toMatchObject({
      action: "Denied",
      status_code: "not-admitted",
      firewall_rule: { uid: "preview.rules[1]" },
      unmapped: { reference: denied.headers.get("x-entra-gate-reference") },
    });
    const text = JSON.stringify([allowed, refused]);
    expect(text).not.toContain("secret");
    expect(text).not.toContain("eyJ");
  });
});
