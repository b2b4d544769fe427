import { describe, expect, it } from "vitest";
import { createGate } from "../../../pages-plugin/src/entries/wrapped.ts";
import { decisionIn } from "../../../pages-plugin/src/site/handed-decision.ts";
import {
  codeOf,
  config,
  makeAssets,
  makeWorld,
  navigation,
  sessionCookie,
  siteOrigin,
} from "../site/support.ts";

function wrap(site: unknown, baked: unknown = config) {
  const world = makeWorld();
  const worker = createGate(baked, site, world.deps);
  const { assets, asked } = makeAssets({ "/assets/x.js": "script", "/index.html": "home" });
  const env = { ASSETS: assets, SECRET: "s" };
  let passed = 0;
  const context = {
    waitUntil: world.waitUntil,
    props: { a: 1 },
    passThroughOnException() {
      passed++;
    },
  };
  const ask = (path: string, headers: Record<string, string> = {}) =>
    worker.fetch(new Request(siteOrigin + path, { headers }), env, context);
  return { ask, world, env, asked, passed: () => passed };
}

describe("createGate", () => {
  it("hands the decision on by a symbol on a copy of env, for this request only", async () => {
    const seen: unknown[] = [];
    const { ask, env } = wrap({
      fetch(_: Request, given: typeof env) {
        seen.push(decisionIn(given), given.SECRET);
        return new Response("x");
      },
    });
    await ask("/docs", { ...navigation, cookie: await sessionCookie() });
    await ask("/open/x");
    expect(seen).toEqual([
      { visitor: expect.objectContaining({ name: "Rita Reviewer" }) },
      "s",
      { visitor: null },
      "s",
    ]);
    expect(decisionIn(env)).toBeUndefined();
  });

  it("no variable and no header forges a decision", async () => {
    const { ask } = wrap({ fetch: () => new Response("content") });
    const names = ["Symbol(entra-gate.decision)", "entra-gate.decision"];
    expect(decisionIn(Object.fromEntries(names.map((name) => [name, { visitor: null }])))).toBeUndefined();
    expect((await ask("/docs", { "x-entra-gate-decision": "allow" })).status).toBe(401);
  });

  it("passThroughOnException, called by the site, exposes nothing", async () => {
    const { ask, passed } = wrap({
      fetch(_: Request, __: unknown, context: { passThroughOnException(): void; props: unknown }) {
        context.passThroughOnException();
        expect(context.props).toEqual({ a: 1 });
        throw new Error("site bug");
      },
    });
    const answer = await ask("/docs", { ...navigation, cookie: await sessionCookie() });
    expect([answer.status, await codeOf(answer)]).toEqual([500, "site-threw"]);
    expect(passed()).toBe(0);
    expect((await ask("/docs")).status).toBe(401);
  });

  it("the site may use waitUntil, bound to its own context", async () => {
    let done = false;
    const { ask, world } = wrap({
      fetch(_: Request, __: unknown, context: { waitUntil(promise: Promise<unknown>): void }) {
        context.waitUntil(
          Promise.resolve().then(() => {
            done = true;
          }),
        );
        return new Response("x");
      },
    });
    await ask("/open/x");
    await Promise.all(world.waiting);
    expect(done).toBe(true);
  });

  it("sends what the build had excluded straight to the assets, after the decision", async () => {
    const site = { fetch: () => new Response("from the worker") };
    const { ask, asked } = wrap(site, { ...config, staticPaths: ["/assets/*"] });
    expect((await ask("/assets/x.js")).status).toBe(401);
    expect(asked).toEqual([]);
    const headers = { "sec-fetch-site": "same-origin", cookie: await sessionCookie() };
    expect(await (await ask("/assets/x.js", headers)).text()).toBe("script");
    expect(await (await ask("/assets-2", headers)).text()).toBe("from the worker");
  });

  it("sends what the build had not included straight to the assets, after the decision", async () => {
    const site = { fetch: () => new Response("from the worker") };
    const routes = { workerPaths: ["/api/*", "/assets/*"], staticPaths: ["/assets/x.js"] };
    const { ask, asked } = wrap(site, { ...config, ...routes });
    for (const path of ["/index.html", "/api/x", "/assets/x.js"]) expect((await ask(path)).status).toBe(401);
    expect(asked).toEqual([]);
    const headers = { "sec-fetch-site": "same-origin", cookie: await sessionCookie() };
    expect(await (await ask("/index.html", headers)).text()).toBe("home");
    expect(await (await ask("/api/x", headers)).text()).toBe("from the worker");
    expect(await (await ask("/assets/x.js", headers)).text()).toBe("script");
  });

  it("makes an instance of a site that exports a class, for each request", async () => {
    class Site {
      readonly context: object;
      readonly env: { SECRET: string };
      constructor(context: object, env: { SECRET: string }) {
        this.context = context;
        this.env = env;
      }
      fetch(request: Request) {
        return new Response(`${this.env.SECRET} ${decisionIn(this.env)?.visitor?.name} ${request.url}`);
      }
    }
    const { ask } = wrap(Site);
    expect((await ask("/docs")).status).toBe(401);
    const answer = await ask("/docs", { ...navigation, cookie: await sessionCookie() });
    expect(await answer.text()).toBe(`s Rita Reviewer ${siteOrigin}/docs`);
  });

  it.each([
    ["no config", null],
    ["an empty one", {}],
    ["a policy without rules", { ...config, policy: { ...config.policy, rules: undefined } }],
    ["a plain http sign-in host", { ...config, signIn: { origin: "http://gate.example", keys: [] } }],
  ])("Charca/cloudflare-pages-auth: %s closes everything", async (_, baked) => {
    const { ask, world } = wrap({ fetch: () => new Response("content") }, baked);
    for (const path of ["/", "/open/x", "/.auth/status", "/.auth/card.png"]) {
      const answer = await ask(path);
      expect([answer.status, await codeOf(answer)]).toEqual([503, "site-settings-invalid"]);
      expect(await answer.text()).not.toContain("content");
    }
    const lines = await world.log();
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({
      level: "error",
      code: "site-settings-invalid",
      detail: expect.stringContaining("config"),
    });
  });

  it.each([undefined, null, {}, () => new Response("content"), { fetch: "no" }, class {}, "text"])(
    "a site that is no worker closes everything",
    async (site) => {
      const { ask } = wrap(site);
      expect(await codeOf(await ask("/open/x"))).toBe("site-settings-invalid");
    },
  );
});
