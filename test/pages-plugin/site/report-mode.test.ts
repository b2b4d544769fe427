import { describe, expect, test } from "vitest";
import { config, makeAssets, makeGate, navigation, policy, sessionCookie, startTime } from "./support.ts";

const reporting = { ...config, policy: { ...policy, report: true } };

function make(changes: object = {}) {
  return makeGate({ config: { ...reporting, ...changes } });
}

describe("what the rules would deny passes, and the event says so", () => {
  test.each([
    ["nobody signed in", "/admin/x", {}, "sign-in", "preview.rules[1]"],
    ["a path that can be read in two ways", "/members%2Fx", {}, "ambiguous-path", undefined],
  ])("%s", async (_, path, headers, reason, rule) => {
    const { ask, world } = make();
    const answer = await ask(path, { headers });
    expect([answer.status, await answer.text()]).toEqual([200, `content of ${path}`]);
    expect(answer.headers.has("cross-origin-resource-policy")).toBe(false);
    const [event, ...more] = await world.events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      class_uid: 6001,
      action: "Observed",
      disposition: "Logged",
      status: "Success",
      status_code: reason,
      policy: { is_applied: false },
    });
    expect((event?.["firewall_rule"] as { uid?: string } | undefined)?.uid).toBe(rule);
  });

  test("somebody whom the rule does not admit, known to the site", async () => {
    const { ask, world, reached } = make();
    const headers = { ...navigation, cookie: await sessionCookie() };
    const answer = await ask("/admin/x", { headers });
    expect(answer.status).toBe(200);
    expect(reached[0]?.visitor).toMatchObject({ name: "Rita Reviewer" });
    expect(answer.headers.get("cache-control")).toContain("private");
    expect((await world.events())[0]).toMatchObject({
      action_id: 3,
      severity: "Low",
      status_code: "not-admitted",
      actor: { user: { name: "Rita Reviewer" } },
    });
  });

  test("a path without a rule", async () => {
    const { ask, world } = make({ policy: { ...policy, rules: [], report: true } });
    expect((await ask("/x")).status).toBe(200);
    expect((await world.events())[0]).toMatchObject({ action_id: 3, status_code: "no-rule" });
  });

  test("a session that is no session: passes, as nobody, forged headers gone", async () => {
    const { ask, reached } = make();
    const cookie = await sessionCookie({ aud: "https://other.example" });
    const answer = await ask("/x", { headers: { ...navigation, cookie, "x-ms-client-principal-id": "me" } });
    expect(answer.status).toBe(200);
    expect(reached[0]?.visitor).toBeUndefined();
    expect(reached[0]?.request.headers.has("x-ms-client-principal-id")).toBe(false);
    expect(reached[0]?.request.headers.has("cookie")).toBe(false);
  });

  test("a session that can't be verified, since no key can be had", async () => {
    const { ask, world, reached } = make();
    world.jwks = () => new Response(null, { status: 500 });
    const answer = await ask("/x", { headers: { ...navigation, cookie: await sessionCookie() } });
    expect([answer.status, reached[0]?.visitor]).toEqual([200, undefined]);
  });

  test("the fallback of a single-page site", async () => {
    const { assets } = makeAssets({ "/index.html": "all of it" }, true);
    const site = (request: Request) => assets.fetch(request);
    const { ask } = makeGate({ config: reporting, assets, site });
    expect(await (await ask("/open/nothing-there")).text()).toBe("all of it");
  });
});

test("what the rules allow is told and guarded as ever", async () => {
  const { ask, world } = make();
  const answer = await ask("/x", { headers: { ...navigation, cookie: await sessionCookie() } });
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect((await world.events())[0]).toMatchObject({ action: "Allowed", status_code: "group" });
});

describe("what stays closed", () => {
  test("a preview that has ended", async () => {
    const { ask } = make({ expires: startTime / 1000 });
    expect((await ask("/open/x")).status).toBe(410);
  });

  test("the gate's own endpoints, in any spelling", async () => {
    const { ask, reached } = make();
    expect((await ask("/.auth/me")).status).toBe(401);
    expect((await ask("/.auth/nothing")).status).toBe(404);
    expect((await ask("/.AUTH/me")).status).toBe(404);
    expect((await ask("/%2eauth/me")).status).toBe(404);
    expect((await ask("/.auth/login?return_to=/x", { headers: navigation })).status).toBe(302);
    expect(reached).toEqual([]);
  });
});

test("status says it, and only then", async () => {
  const said = async (gate: ReturnType<typeof makeGate>) => (await gate.ask("/.auth/status")).json();
  expect(await said(make())).toMatchObject({ mode: "report" });
  expect(await said(makeGate())).not.toHaveProperty("mode");
});
