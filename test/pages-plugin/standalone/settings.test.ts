import { describe, expect, test } from "vitest";
import { decisionSymbol } from "../../../contract/names/endpoints.ts";
import entraGate, { withEntraGate } from "../../../pages-plugin/src/entries/standalone.ts";
import { clientSecret } from "../host/support/provider.ts";
import { makeWorld } from "../site/support.ts";
import { browserIn, codeOf, createWorld, loginUrl, navigation, origin, policy } from "./support.ts";

const ask = (world: Awaited<ReturnType<typeof createWorld>>, path: string, at = origin) =>
  world.fetch(new Request(at + path, { headers: navigation }));

describe("settings", () => {
  test.each([
    ["no role", { GATE_ROLE: undefined }],
    ["the host's role", { GATE_ROLE: "host" }],
    ["no origin", { GATE_HOST_ORIGIN: "" }],
    ["an origin with a path", { GATE_HOST_ORIGIN: `${origin}/x` }],
    ["plain http", { GATE_HOST_ORIGIN: "http://www.example.com" }],
    ["no tenant", { ENTRA_TENANT_ID: "common" }],
    ["no application", { ENTRA_CLIENT_ID: "" }],
    ["no secret", { ENTRA_CLIENT_SECRET: undefined }],
    ["an unknown cloud", { ENTRA_CLOUD: "moon" }],
    ["no active cookie key", { GATE_COOKIE_ACTIVE: "20261101_FFFFFF" }],
    ["a cookie key that is none", { GATE_COOKIE_KEY_20261102_0000AB: "short" }],
    ["a site's environment", { GATE_ENVIRONMENT: "production" }],
    ["a sign-in host beside it", { GATE_SIGN_IN_ORIGIN: "https://gate.example" }],
    ["a host's signing key", { GATE_SIGNING_KEY_20261101_A1B2C3: "{}" }],
    ["a host's database", { GATE_DB: {} }],
  ])("%s: every path is 503, and the log says which variable, never its value", async (_, change) => {
    const world = await createWorld(change);
    for (const path of ["/", "/open/x", "/.auth/status", "/.auth/login", "/.auth/callback"]) {
      const answer = await ask(world, path);
      expect([answer.status, codeOf(answer)]).toEqual([503, "site-settings-invalid"]);
    }
    expect(world.reached).toEqual([]);
    expect(JSON.parse(world.log[0] ?? "").detail).toContain(Object.keys(change)[0]);
    expect(world.log.join()).not.toContain(clientSecret);
  });

  test("that are all missing are listed at once, beside what is wrong with the policy", async () => {
    const world = await createWorld({}, { production: { rules: "all" } });
    for (const name of Object.keys(world.env)) delete world.env[name];
    await ask(world, "/");
    for (const name of [
      "gate.json",
      "GATE_ROLE",
      "GATE_HOST_ORIGIN",
      "ENTRA_TENANT_ID",
      "GATE_COOKIE_ACTIVE",
    ])
      expect(world.log[0]).toContain(name);
  });

  test("changed ones make another gate", async () => {
    const world = await createWorld();
    expect((await ask(world, "/open/x")).status).toBe(200);
    world.env["GATE_ROLE"] = "site";
    expect((await ask(world, "/open/x")).status).toBe(503);
  });
});

describe("another origin than its own", () => {
  test.each([
    "http://a1b2c3d4.harbour.localhost:8788",
    "http://www.harbour.localhost",
    "https://www.harbour.localhost:8788",
    "http://www.harbour.localhost.:8788",
  ])("%s lets nobody in, open paths included, and begins no sign-in", async (other) => {
    const world = await createWorld();
    for (const path of ["/", "/open/x", "/.auth/login", "/.auth/status", "/.auth/callback?code=x&state=y"]) {
      const answer = await ask(world, path, other);
      expect([answer.status, codeOf(answer)]).toEqual([503, "standalone-origin-foreign"]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(world.reached).toEqual([]);
  });
});

test("status says what answers, and nothing secret", async () => {
  const world = await createWorld();
  expect(await (await ask(world, "/.auth/status")).json()).toMatchObject({
    role: "standalone",
    environment: "production",
    keys: { cookie: world.env["GATE_COOKIE_ACTIVE"] },
    audit: { sink: "none", failed: 0 },
  });
});

test("an environment that the policy doesn't name is denied, and lets nobody have a session", async () => {
  const { production: _, ...rest } = policy;
  const world = await createWorld({}, { ...rest, preview: { rules: [{ path: "/*", allow: "members" }] } });
  expect((await ask(world, "/")).status).toBe(403);
  expect(codeOf(await browserIn(world).signIn(loginUrl()))).toBe("entry-refused");
});

test("behind a wrapping gate it decides nothing and needs no settings", async () => {
  const data: Record<string, unknown> = {};
  const answer = await entraGate(
    policy,
    makeWorld().deps,
  )({
    request: new Request(`${origin}/docs`),
    env: { [decisionSymbol]: { visitor: { name: "Rita" } } },
    data,
    waitUntil: () => undefined,
    next: async () => new Response("content"),
  });
  expect([await answer.text(), data["entraGate"]]).toEqual(["content", { name: "Rita" }]);
});

test("in front of a plain Worker it is the same gate, and its other handlers stay", async () => {
  const world = await createWorld();
  const worker = {
    fetch: (request: Request) => new Response(new URL(request.url).pathname),
    scheduled: () => 7,
  };
  const gated = withEntraGate(worker, policy, makeWorld().deps);
  const context = { waitUntil: () => undefined };
  const fetched = (path: string) => gated.fetch(new Request(origin + path), world.env as never, context);
  expect(await (await fetched("/open/x")).text()).toBe("/open/x");
  expect((await fetched("/docs")).status).toBe(401);
  expect((gated as unknown as typeof worker).scheduled()).toBe(7);
  const none = withEntraGate(undefined, policy, makeWorld().deps);
  expect((await none.fetch(new Request(`${origin}/open/x`), world.env as never, context)).status).toBe(503);
});
