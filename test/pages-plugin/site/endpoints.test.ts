import { describe, expect, it } from "vitest";
import {
  codeOf,
  config,
  cookiesOf,
  hostOrigin,
  makeAssets,
  makeGate,
  navigation,
  policy,
  sessionCookie,
  siteOrigin,
} from "./support.ts";

const sameOrigin = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

describe("me", () => {
  it("CVE-2024-39315: tells the claims, never a token", async () => {
    const { ask } = makeGate();
    const cookie = await sessionCookie();
    const answer = await ask("/.auth/me", { headers: { ...sameOrigin, cookie } });
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      kind: "user",
      name: "Rita Reviewer",
      groups: [expect.any(String)],
    });
    for (const part of cookie.slice(cookie.indexOf("=") + 1).split(".")) expect(text).not.toContain(part);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("is closed to everybody else, also to a sibling with the visitor's cookie", async () => {
    const { ask } = makeGate();
    expect(await codeOf(await ask("/.auth/me"))).toBe("sign-in-required");
    const sibling = {
      "sec-fetch-site": "same-site",
      "sec-fetch-mode": "cors",
      cookie: await sessionCookie(),
    };
    const answer = await ask("/.auth/me", { headers: sibling });
    expect([answer.status, await codeOf(answer)]).toEqual([401, "session-not-counted"]);
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });
});

describe("status", () => {
  it("names this bundle and this policy, to everybody", async () => {
    const { ask } = makeGate();
    const answer = await ask("/.auth/status");
    expect(await answer.json()).toEqual({
      version: expect.any(String),
      role: "site",
      environment: "preview",
      policy: policy.digest,
      bundle: config.bundle,
      audit: { sink: "none", failed: 0 },
    });
    const head = await ask("/.auth/status", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await ask("/.auth/status", { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("logout", () => {
  it("asks on GET, and signs nobody out", async () => {
    const { ask } = makeGate();
    const answer = await ask("/.auth/logout", { headers: { ...navigation, cookie: await sessionCookie() } });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await answer.text()).toContain('<form method="post" action="/.auth/logout"');
  });

  it("clears the gate's cookies and what the browser cached, and says what else there is", async () => {
    const { ask, world } = makeGate();
    const cookie = `${await sessionCookie()}; __Host-entra-gate-tx-${"A".repeat(22)}=x; theme=dark`;
    const answer = await ask("/.auth/logout", {
      method: "POST",
      headers: { ...navigation, origin: siteOrigin, cookie },
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/.auth/signed-out"]);
    expect(answer.headers.get("clear-site-data")).toBe('"cache", "storage"');
    expect([...cookiesOf(answer)]).toEqual([
      ["__Host-entra-gate-session", ""],
      [`__Host-entra-gate-tx-${"A".repeat(22)}`, ""],
    ]);
    const page = await ask("/.auth/signed-out", { headers: navigation });
    expect(await page.text()).toContain(`href="${hostOrigin}/.auth/logout"`);
    expect((await world.events())[0]).toMatchObject({
      activity_name: "Logoff",
      user: { name: "Rita Reviewer" },
    });
  });

  it.each(["https://b2b2b2b2.demo.example", hostOrigin, "null", undefined])(
    "by Origin %s is refused",
    async (origin) => {
      const { ask } = makeGate();
      const headers = { "sec-fetch-site": "same-site", ...(origin ? { origin } : {}) };
      const answer = await ask("/.auth/logout", { method: "POST", headers });
      expect([answer.status, await codeOf(answer)]).toEqual([403, "logout-origin-foreign"]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  it("works while keys can't be had", async () => {
    const { ask, world } = makeGate();
    world.jwks = () => {
      throw new Error("unreachable");
    };
    const headers = { origin: siteOrigin, "sec-fetch-site": "same-origin", cookie: await sessionCookie() };
    expect((await ask("/.auth/logout", { method: "POST", headers })).status).toBe(303);
  });
});

describe("card.png", () => {
  const picture = { "/.auth/card.png": "PNG", "/.auth/other.png": "PNG", "/index.html": "home" };

  it("is public, for GET and HEAD", async () => {
    const { ask } = makeGate({ assets: makeAssets(picture).assets });
    const answer = await ask("/.auth/card.png");
    expect([answer.status, await answer.text(), answer.headers.get("content-type")]).toEqual([
      200,
      "PNG",
      "image/png",
    ]);
    const head = await ask("/.auth/card.png", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await ask("/.auth/card.png", { method: "POST" })).status).toBe(405);
    expect((await ask("/.auth/other.png")).status).toBe(404);
  });

  it("is 404 where there is none, also in a site of one page", async () => {
    const { ask } = makeGate({ assets: makeAssets({ "/index.html": "home" }, true).assets });
    const answer = await ask("/.auth/card.png");
    expect([answer.status, await codeOf(answer)]).toEqual([404, "card-missing"]);
    expect(await codeOf(await makeGate().ask("/.auth/card.png"))).toBe("card-missing");
  });

  it("hands nothing of the visitor to the asset server", async () => {
    let seen: Request | undefined;
    const assets = {
      fetch: async (request: Request) => {
        seen = request;
        return new Response(null, { status: 404 });
      },
    };
    const { ask } = makeGate({ assets });
    await ask("/.auth/card.png?x=1", { headers: { cookie: "a=b", "x-ms-client-principal": "x" } });
    expect(seen?.url).toBe(`${siteOrigin}/.auth/card.png`);
    expect([...(seen?.headers.keys() ?? [])]).toEqual([]);
  });
});
