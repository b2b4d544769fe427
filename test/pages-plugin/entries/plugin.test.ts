import { describe, expect, it } from "vitest";
import { decisionSymbol } from "../../../contract/names/endpoints.ts";
import { entraGate } from "../../../pages-plugin/src/entries/plugin.ts";
import {
  codeOf,
  hostOrigin,
  key,
  makeWorld,
  navigation,
  pin,
  reviewers,
  sessionCookie,
  siteOrigin,
} from "../site/support.ts";

const policy = {
  groups: { reviewers },
  preview: {
    rules: [
      { path: "/open/*", allow: "anyone" },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
};

const settings = {
  GATE_ENVIRONMENT: "preview",
  GATE_SIGN_IN_ORIGIN: hostOrigin,
  GATE_SIGN_IN_KEYS: JSON.stringify({ keys: [pin(key)] }),
};

function mount(policyGiven: unknown = policy, env: Record<PropertyKey, unknown> = settings) {
  const world = makeWorld();
  const onRequest = entraGate(policyGiven, world.deps);
  const data: Record<string, unknown> = {};
  const reached: Request[] = [];
  const ask = (path: string, headers: Record<string, string> = {}) => {
    const request = new Request(siteOrigin + path, { headers });
    return onRequest({
      request,
      env,
      data,
      waitUntil: world.waitUntil,
      async next(behind = request) {
        reached.push(behind);
        return new Response("content");
      },
    });
  };
  return { ask, data, reached, world };
}

describe("entraGate", () => {
  it("guards every path by the policy and tells the site who is there", async () => {
    const { ask, data, reached } = mount();
    expect((await ask("/docs")).status).toBe(401);
    expect(reached).toHaveLength(0);
    await ask("/open/x");
    expect(data["entraGate"]).toBeNull();
    const answer = await ask("/docs", { ...navigation, cookie: await sessionCookie() });
    expect(await answer.text()).toBe("content");
    expect(data["entraGate"]).toMatchObject({ kind: "user", name: "Rita Reviewer", groups: [reviewers] });
    expect(reached[1]?.headers.get("x-ms-client-principal-name")).toBe("Rita Reviewer");
  });

  it("uses pinned keys while the host is down", async () => {
    const { ask, world } = mount();
    world.jwks = () => {
      throw new Error("unreachable");
    };
    expect((await ask("/docs", { ...navigation, cookie: await sessionCookie() })).status).toBe(200);
  });

  it("decides nothing again behind a wrapping gate, and only hands the identity on", async () => {
    const visitor = { kind: "user", name: "Rita" };
    const { ask, data, world } = mount("not even a policy", { [decisionSymbol]: { visitor } });
    expect(await (await ask("/docs")).text()).toBe("content");
    expect(data["entraGate"]).toBe(visitor);
    expect(world.lines).toEqual([]);
  });

  it.each([
    ["an invalid policy", { preview: { rules: "all" } }, settings],
    ["no policy", null, settings],
    [
      "a limited time that nobody measures",
      { ...policy, preview: { ...policy.preview, expires: "14d" } },
      settings,
    ],
    ["no variables", policy, {}],
    ["no environment", policy, { ...settings, GATE_ENVIRONMENT: undefined }],
    ["an unknown environment", policy, { ...settings, GATE_ENVIRONMENT: "staging" }],
    ["no sign-in host", policy, { ...settings, GATE_SIGN_IN_ORIGIN: "" }],
    ["a sign-in host with a path", policy, { ...settings, GATE_SIGN_IN_ORIGIN: `${hostOrigin}/x` }],
    ["a sign-in host by plain http", policy, { ...settings, GATE_SIGN_IN_ORIGIN: "http://gate.example" }],
    ["keys that are no JSON", policy, { ...settings, GATE_SIGN_IN_KEYS: "{" }],
    ["keys without an end", policy, { ...settings, GATE_SIGN_IN_KEYS: JSON.stringify([key.jwk]) }],
    ["settings that contradict each other", policy, { ...settings, GATE_ROLE: "host" }],
  ])("%s closes every path with 503", async (_, given, env) => {
    const { ask, reached, world } = mount(given, env);
    for (const path of ["/", "/open/x", "/.auth/status"]) {
      const answer = await ask(path);
      expect([answer.status, await codeOf(answer)]).toEqual([503, "site-settings-invalid"]);
    }
    expect(reached).toHaveLength(0);
    expect((await world.log())[0]).toMatchObject({ level: "error", detail: expect.stringMatching(/.{10}/) });
  });

  it("lists all problems at once", async () => {
    const { ask, world } = mount(
      { preview: { rules: "all" } },
      { GATE_ROLE: "host", GATE_SIGN_IN_KEYS: "{" },
    );
    await ask("/");
    const detail = String((await world.log())[0]?.["detail"]);
    for (const part of [
      "gate.json",
      "GATE_ROLE",
      "GATE_ENVIRONMENT",
      "GATE_SIGN_IN_ORIGIN",
      "GATE_SIGN_IN_KEYS",
    ]) {
      expect(detail).toContain(part);
    }
  });

  it("a setting that is no text closes every path; nothing is thrown past the gate", async () => {
    const { ask, reached } = mount(policy, { ...settings, GATE_SIGN_IN_KEYS: Object.create(null) });
    expect((await ask("/open/x")).status).toBe(503);
    expect(reached).toHaveLength(0);
  });

  it("an environment that the policy doesn't name is denied", async () => {
    const { ask, reached } = mount(policy, { ...settings, GATE_ENVIRONMENT: "production" });
    expect((await ask("/open/x")).status).toBe(403);
    expect(reached).toHaveLength(0);
  });
});
