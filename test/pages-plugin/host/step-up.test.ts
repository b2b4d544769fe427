import { beforeEach, describe, expect, test } from "vitest";
import { reviewer } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  entryWith,
  formOf,
  rowWith,
  start,
  type World,
} from "./support/world.ts";

let world: World;
let browser: Browser;
const now = start / 1000;
beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
  world.rows = [
    rowWith({ entries: { preview: entryWith({ stepUp: { within: [900], contexts: ["c1"] } }) } }),
  ];
  world.provider.visitor = { ...reviewer, auth_time: now };
});

const claimsOf = async (response: Response) => {
  const { ticket } = (await formOf(response)) ?? {};
  return JSON.parse(Buffer.from(ticket?.split(".")[1] ?? "", "base64url").toString());
};
const request = (response: Response) => new URL(response.headers.get("location") ?? "").searchParams;
const within = () => authorizeUrl({ within: "900" });

describe("signedInWithin", () => {
  test("a sign-in that is recent enough is answered by the session, without Entra", async () => {
    await browser.signIn(await authorizeUrl());
    expect((await claimsOf(await browser.visit(await within()))).auth_time).toBe(now);
  });

  test("an older one asks Entra with prompt=login, and what comes back is in the ticket", async () => {
    world.provider.visitor = { ...reviewer, auth_time: now - 871 };
    await browser.signIn(await authorizeUrl());
    const asked = await browser.visit(await within());
    expect(request(asked).get("prompt")).toBe("login");
    world.provider.visitor = { ...reviewer, auth_time: now };
    const answered = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect((await claimsOf(answered)).auth_time).toBe(now);
  });

  test("without a session Entra is asked plainly first, and with prompt=login once if that was too long ago", async () => {
    world.provider.visitor = { ...reviewer, auth_time: now - 5_000 };
    const first = await browser.visit(await within());
    expect(request(first).has("prompt")).toBe(false);
    const second = await browser.visit(world.provider.authorize(first.headers.get("location") ?? ""));
    expect(request(second).get("prompt")).toBe("login");
    expect(await formOf(second)).toBeUndefined();
    const third = await browser.visit(world.provider.authorize(second.headers.get("location") ?? ""));
    // Entra did not do it: the ticket says so, and the site's rule decides. No third request.
    expect((await claimsOf(third)).auth_time).toBe(now - 5_000);
  });

  test("no auth_time is never taken for a recent one", async () => {
    world.provider.visitor = reviewer;
    const first = await browser.visit(await within());
    const second = await browser.visit(world.provider.authorize(first.headers.get("location") ?? ""));
    expect(request(second).get("prompt")).toBe("login");
    const third = await browser.visit(world.provider.authorize(second.headers.get("location") ?? ""));
    expect((await claimsOf(third)).auth_time).toBe(0);
  });

  test.each([{ within: "60" }, { within: "901" }, { context: "c2" }])(
    "a wish that the default branch's policy doesn't have is not honoured: %j",
    async (wish) => {
      world.provider.visitor = { ...reviewer, auth_time: now - 5_000 };
      await browser.signIn(await authorizeUrl());
      expect(await formOf(await browser.visit(await authorizeUrl(wish)))).toBeDefined();
    },
  );

  test.each([
    { within: "" },
    { within: "-1" },
    { within: "1e9" },
    { within: "9".repeat(7) },
    { context: "c0" },
    { context: "c1 c2" },
    { context: '"}}' },
    { ask: "choose" },
  ])("a wish of another shape is refused: %j", async (wish) => {
    const response = await browser.visit(await authorizeUrl(wish));
    expect([response.status, codeOf(response)]).toEqual([400, "authorize-parameters-invalid"]);
  });

  test("choosing another account is no proof: the one chosen is asked for it", async () => {
    world.provider.visitor = { ...reviewer, auth_time: now - 5_000 };
    await browser.signIn(await authorizeUrl());
    const asked = await browser.visit(await authorizeUrl({ within: "900", ask: "account" }));
    expect(request(asked).get("prompt")).toBe("select_account");
    const again = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect(request(again).get("prompt")).toBe("login");
  });
});

describe("authContext", () => {
  test("is asked of Entra as a claim, and only what comes back is in the ticket", async () => {
    await browser.signIn(await authorizeUrl());
    const asked = await browser.visit(await authorizeUrl({ context: "c1" }));
    expect(JSON.parse(request(asked).get("claims") ?? "")).toEqual({
      id_token: { acrs: { essential: true, value: "c1" } },
    });
    expect(request(asked).has("prompt")).toBe(false);
    world.provider.visitor = { ...reviewer, auth_time: now, acrs: ["c1", "c7", "<b>"] };
    const answered = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect((await claimsOf(answered)).acrs).toEqual(["c1"]);
    expect((await claimsOf(await browser.visit(await authorizeUrl({ context: "c1" })))).acrs).toEqual(["c1"]);
  });

  test("that Entra doesn't confirm is not in the ticket, and one attempt is made", async () => {
    const asked = await browser.visit(await authorizeUrl({ context: "c1" }));
    const answered = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect(await claimsOf(answered)).not.toHaveProperty("acrs");
  });
});
