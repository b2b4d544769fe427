import { describe, expect, it } from "vitest";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { reviewer } from "../host/support/provider.ts";
import { Browser, createWorld, formOf, hostOrigin, navigation, site } from "../host/support/world.ts";
import { config, cookiesOf, policy } from "./support.ts";

const groups = reviewer.groups;
const rules: CompiledPolicy["rules"] = policy.rules.map((rule) =>
  rule.path === "/*" ? { ...rule, allow: { ...rule.allow, groups } } : rule,
);

/** The real sign-in host and the real site, with one clock and one browser. */
async function setup() {
  const host = await createWorld();
  const browser = new Browser(host);
  let down = false;
  const gate = createSiteGate(
    { ...config, signIn: { origin: hostOrigin, keys: [] }, policy: { ...policy, rules } },
    {
      now: () => host.clock.now,
      fetch: (input) => (down ? Promise.reject(new Error("down")) : host.fetch(new Request(String(input)))),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      log: () => undefined,
    },
  );
  const jar = new Map<string, string>();
  const visit = async (path: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...navigation, cookie, ...(init.headers as Record<string, string>) };
    const answer = await gate.handle({
      request: new Request(site + path, { ...init, headers }),
      waitUntil: () => undefined,
      next: async (_, visitor) => new Response(`content for ${visitor?.oid}`),
    });
    for (const [name, value] of cookiesOf(answer)) jar.set(name, value);
    return answer;
  };
  const arrive = async (first: boolean) => {
    const login = await visit("/.auth/login?return_to=/docs");
    const asked = login.headers.get("location") ?? "";
    const form = await formOf(first ? await browser.signIn(asked) : await browser.visit(asked));
    expect(form?.action).toBe(`${site}/.auth/accept`);
    const body = new URLSearchParams({ ticket: form?.ticket ?? "", tx: form?.tx ?? "" });
    return visit("/.auth/accept", {
      method: "POST",
      body,
      headers: { origin: hostOrigin, "content-type": "application/x-www-form-urlencoded" },
    });
  };
  return {
    host,
    visit,
    arrive,
    setDown: (value: boolean) => {
      down = value;
    },
  };
}

describe("site and sign-in host together", () => {
  it("from 401 to the page, and back again without a question when the ticket has ended", async () => {
    const { host, visit, arrive } = await setup();
    expect((await visit("/docs")).status).toBe(401);
    const accepted = await arrive(true);
    expect(accepted.status).toBe(303);
    expect(await (await visit(accepted.headers.get("location") ?? "")).text()).toContain(
      'data-target="/docs"',
    );
    expect(await (await visit("/docs")).text()).toMatch(/^content for [0-9a-f-]{36}$/);
    host.clock.now += 3600_000;
    expect((await visit("/docs")).status).toBe(401);
  });

  it("a second sign-in within the claims' time asks Entra nothing", async () => {
    const { visit, arrive } = await setup();
    await arrive(true);
    await visit("/.auth/logout", {
      method: "POST",
      headers: { origin: site, "sec-fetch-site": "same-origin" },
    });
    expect((await visit("/docs")).status).toBe(401);
    expect((await arrive(false)).status).toBe(303);
    expect((await visit("/docs")).status).toBe(200);
  });

  it("the host's outage is not noticed by who is signed in", async () => {
    const { host, visit, arrive, setDown } = await setup();
    await arrive(true);
    await visit("/docs");
    setDown(true);
    host.clock.now += 30 * 60_000;
    expect((await visit("/docs")).status).toBe(200);
  });
});
