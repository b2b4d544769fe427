import { Hono } from "hono";
import { beforeEach, describe, expect, it } from "vitest";
import { entraGate } from "../../../pages-plugin/src/entries/hono.ts";
import { withEntraGate } from "../../../pages-plugin/src/entries/worker.ts";
import { gatePolicy } from "../cli/wrapped-site.ts";
import { codeOf, hostOrigin, makeWorld, navigation, sessionCookie, siteOrigin } from "../site/support.ts";

type Variables = { entraGate: { name: string } | null };

const env = { GATE_ENVIRONMENT: "preview", GATE_SIGN_IN_ORIGIN: hostOrigin };
let world: ReturnType<typeof makeWorld>;
let context: object;
beforeEach(() => {
  world = makeWorld();
  context = { waitUntil: world.waitUntil, passThroughOnException: () => undefined, props: {} };
});

function site(): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  app.get("/throws", () => {
    throw new Error("site bug");
  });
  app.get("*", (c) => {
    c.header("cache-control", "public, max-age=60");
    c.header("set-cookie", "__Host-entra-gate-session=planted");
    const told = { path: c.req.path, header: c.req.header("x-ms-client-principal-name") ?? null };
    return c.json({ ...told, name: c.get("entraGate")?.name ?? null });
  });
  return app;
}

function asMiddleware(policy: unknown = gatePolicy) {
  const app = new Hono<{ Variables: Variables }>();
  app.use(entraGate(policy, world.deps) as never);
  return app.route("/", site());
}

const ask = (
  app: { fetch: unknown },
  path: string,
  headers: Record<string, string> = {},
  given: object = env,
) =>
  (app.fetch as (request: Request, env: object, context: object) => Promise<Response>)(
    new Request(siteOrigin + path, { headers }),
    given,
    context,
  );

describe.each([
  ["the Hono middleware", () => asMiddleware(), "Rita Reviewer"],
  ["a Hono app behind withEntraGate", () => withEntraGate(site(), gatePolicy, world.deps), null],
] as const)("%s", (_, make, told) => {
  it("refuses before the app is asked, with the gate's own endpoints in front", async () => {
    const app = make();
    const refused = await ask(app, "/docs", navigation);
    expect([refused.status, await codeOf(refused)]).toEqual([401, "sign-in-required"]);
    expect((await ask(app, "/.auth/status")).status).toBe(200);
    expect((await ask(app, "/.auth/login?return_to=/docs", navigation)).status).toBe(302);
  });

  it("hands on who is signed in and keeps the gate's headers on the answer", async () => {
    const headers = { ...navigation, cookie: await sessionCookie(), "x-ms-client-principal-name": "spoofed" };
    const answer = await ask(make(), "/docs", headers);
    expect(await answer.json()).toEqual({ path: "/docs", header: "Rita Reviewer", name: told });
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("tells open paths nobody, or who is there", async () => {
    const app = make();
    expect(await (await ask(app, "/open/x")).json()).toMatchObject({ header: null, name: null });
    const headers = { ...navigation, cookie: await sessionCookie() };
    expect(await (await ask(app, "/open/x", headers)).json()).toMatchObject({
      header: "Rita Reviewer",
      name: told,
    });
  });

  it("is closed without settings", async () => {
    expect((await ask(make(), "/open/x", {}, {})).status).toBe(503);
  });
});

describe("the Hono middleware", () => {
  it("sends a path that Hono would read otherwise to where it leads", async () => {
    // workerd hands out the address as it was sent; Node's Request would resolve it.
    const request = new Request(`${siteOrigin}/x`);
    Object.defineProperty(request, "url", { value: `${siteOrigin}/secret/../open/x` });
    const answer = await (asMiddleware().fetch as (...args: unknown[]) => Promise<Response>)(
      request,
      env,
      context,
    );
    expect([answer.status, answer.headers.get("location")]).toEqual([307, `${siteOrigin}/open/x`]);
  });

  it("is closed with a policy that is none", async () => {
    expect((await ask(asMiddleware({ preview: 1 }), "/open/x")).status).toBe(503);
  });
});

describe("withEntraGate", () => {
  it("leaves a Worker's other handlers alone, and hands on no other method", async () => {
    const seen: unknown[] = [];
    const worker = {
      fetch: () => new Response("x"),
      scheduled(event: unknown) {
        seen.push(event, this === worker);
      },
      secretMethod: () => "secret",
    };
    const gated = withEntraGate(worker, gatePolicy, world.deps) as unknown as Record<
      string,
      (e: string) => void
    >;
    gated["scheduled"]?.("event");
    expect(seen).toEqual(["event", true]);
    expect(Object.keys(gated).sort()).toEqual(["fetch", "scheduled"]);
  });

  it.each([undefined, null, {}, () => new Response("content")])(
    "a Worker that is none is closed",
    async (worker) => {
      expect((await ask(withEntraGate(worker, gatePolicy, world.deps), "/open/x")).status).toBe(503);
    },
  );
});
