import { describe, expect, it } from "vitest";
import {
  codeOf,
  config,
  cookiesOf,
  hostOrigin,
  makeGate,
  makeWorld,
  navigation,
  policy,
  sessionCookie,
  startTime,
  ticketFor,
} from "./support.ts";

const [open, admin, ...others] = policy.rules;
if (!open || !admin) throw new Error("rules");
const careful = {
  ...config,
  policy: {
    ...policy,
    rules: [open, { ...admin, signedInWithin: 900, authContext: "c1" }, ...others],
  },
};
const now = startTime / 1000;
const met = { roles: ["Site.Admin"], auth_time: now, acrs: ["c1"] };

describe("a rule that wants a recent sign-in and an authentication context", () => {
  it("lets in who has both, until the sign-in is too old", async () => {
    const world = makeWorld();
    const { ask } = makeGate({ world, config: careful });
    const headers = { ...navigation, cookie: await sessionCookie(met) };
    expect((await ask("/admin/x", { headers })).status).toBe(200);
    world.now += 901_000;
    expect(await codeOf(await ask("/admin/x", { headers }))).toBe("step-up-required");
    expect(
      (await ask("/docs", { headers: { ...navigation, cookie: await sessionCookie({ auth_time: 0 }) } }))
        .status,
    ).toBe(200);
  });

  it.each([
    ["signed in too long ago", { ...met, auth_time: now - 901 }],
    ["Entra didn't say when", { ...met, auth_time: 0 }],
    ["another context", { ...met, acrs: ["c2"] }],
  ])("asks again where it is not met: %s", async (_, claims) => {
    const { ask, reached } = makeGate({ config: careful });
    const cookie = await sessionCookie(claims);
    const page = await ask("/admin/x", { headers: { ...navigation, cookie } });
    expect([page.status, await codeOf(page)]).toEqual([401, "step-up-required"]);
    expect(await page.text()).toContain('href="/.auth/login?return_to=%2Fadmin%2Fx"');
    const json = await ask("/admin/x", { headers: { "sec-fetch-site": "same-origin", cookie } });
    expect(await json.json()).toMatchObject({ error: "step-up-required" });
    expect(reached).toHaveLength(0);
  });

  it("login carries what the rule of the page wants, whatever the address says", async () => {
    const { ask } = makeGate({ config: careful });
    const wishes = async (path: string) => {
      const answer = await ask(`/.auth/login?${path}`, { headers: navigation });
      const { origin, searchParams } = new URL(answer.headers.get("location") ?? "");
      expect(origin).toBe(hostOrigin);
      return [searchParams.get("within"), searchParams.get("context"), searchParams.get("ask")];
    };
    expect(await wishes("return_to=/admin/x%3Fy=1")).toEqual(["900", "c1", null]);
    expect(await wishes("return_to=/docs&within=60&context=c9")).toEqual([null, null, null]);
    expect(await wishes("return_to=/docs&ask=again")).toEqual([null, null, "again"]);
    expect(await wishes("return_to=/docs&ask=evil")).toEqual([null, null, null]);
  });

  it("explains itself after one attempt that did not help, and starts no other", async () => {
    const { ask } = makeGate({ config: careful });
    const begun = await ask("/.auth/login?return_to=/admin/x", { headers: navigation });
    const { searchParams } = new URL(begun.headers.get("location") ?? "");
    const [pair] = [...cookiesOf(begun)];
    const jar = `${pair?.[0]}=${pair?.[1]}`;
    const challenge = searchParams.get("challenge") ?? "";
    const tx = searchParams.get("tx") ?? "";
    const old = await ticketFor({ ...met, auth_time: now - 5_000, cnf: { challenge } });
    const accepted = await ask("/.auth/accept", {
      method: "POST",
      headers: {
        ...navigation,
        origin: hostOrigin,
        cookie: jar,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ ticket: old, tx }).toString(),
    });
    const cookie = [jar, ...[...cookiesOf(accepted)].map((one) => one.join("="))].join("; ");
    const last = cookie.split("; ").slice(1).join("; ");
    const shown = await ask(accepted.headers.get("location") ?? "", {
      headers: { ...navigation, cookie: last },
    });
    expect([shown.status, await codeOf(shown)]).toEqual([401, "step-up-required"]);
    const text = await shown.text();
    expect(text).toContain("/.auth/login?return_to=%2Fadmin%2Fx");
    expect(text).not.toContain("<script");
  });
});
