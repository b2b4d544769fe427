import { describe, expect, it } from "vitest";
import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { type Appetite, startCookieEater } from "../cookie-eater.ts";
import { sessionValue } from "../sessions.ts";
import { arriveAs, newVisit, staysPut, timesShown, type Visit, watchTab } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** One round trip was made, and what it ended with is a page that has a way on and takes it only when asked. */
async function expectExplained({ page, shown }: Visit, code: string): Promise<void> {
  await expect.poll(() => shown.at(-1)?.code).toBe(code);
  await page.getByRole("heading", { name: "Sign-in was not finished" }).waitFor();
  expect(await page.getByRole("link").count()).toBe(1);
  expect(await staysPut(page)).toBe(true);
  expect(timesShown(shown, siteEndpoints.login)).toBe(1);
  expect(timesShown(shown, hostEndpoints.authorize)).toBe(1);
}

export function explained(the: () => BrowserWorld): void {
  describe("explained, without a loop", () => {
    const blocking = async (appetite: Appetite) => {
      const eater = await startCookieEater(appetite);
      const visit = await newVisit(the().browser, { proxy: { server: eater.server } });
      return {
        ...visit,
        async [Symbol.asyncDispose]() {
          await visit[Symbol.asyncDispose]();
          await eater[Symbol.asyncDispose]();
        },
      };
    };

    it("cookies blocked on the site", async () => {
      const { preview, names } = the();
      await using visit = await blocking({ set: (url) => url.origin === preview });
      const { page, shown } = visit;
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("button", { name: names.reviewer }).click();
      await expectExplained(visit, "accept-transaction-missing");
      expect(await page.locator("main").textContent()).toContain("cookies");
      // Whoever follows the link without changing anything reads the same again.
      shown.length = 0;
      await page.getByRole("link").click();
      await expectExplained(visit, "accept-transaction-missing");
    });

    it("cookies blocked on the sign-in host: the link leads back to the site", async () => {
      const { preview, signInHost, names } = the();
      await using visit = await blocking({ set: (url) => url.origin === signInHost });
      const { page, shown } = visit;
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("button", { name: names.reviewer }).click();
      await expectExplained(visit, "callback-transaction-missing");
      expect(await page.locator("main").textContent()).toContain("cookies");
      shown.length = 0;
      await page.getByRole("link").click();
      await expectExplained(visit, "callback-transaction-missing");
      expect(shown[0]?.url.origin).toBe(preview);
    });

    it("a session cookie that doesn't stay", async () => {
      const { preview, names } = the();
      await using visit = await blocking({ set: (_, line) => line.startsWith(`${cookies.siteSession}=`) });
      const { page } = visit;
      await page.goto(`${preview}/docs/?x=1`, { waitUntil: "commit" });
      await page.getByRole("button", { name: names.reviewer }).click();
      await expectExplained(visit, "accept-cookie-missing");
      expect(await page.getByRole("link").getAttribute("href")).toBe(
        `${siteEndpoints.login}?${new URLSearchParams({ return_to: "/docs/?x=1" })}`,
      );
    });

    it("envoy#38919: a session that never helps: two round trips, then a page with a link", async () => {
      const { preview, names } = the();
      await using visit = await blocking({
        sent: (url) => url.origin === preview && !url.pathname.startsWith("/.auth/"),
      });
      const { page, shown } = visit;
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("button", { name: names.reviewer }).click();
      await expect.poll(() => timesShown(shown, "/docs/"), { timeout: 10_000 }).toBe(3);
      await page.waitForLoadState("networkidle");
      expect(timesShown(shown, "/docs/")).toBe(3);
      expect(timesShown(shown, siteEndpoints.login)).toBe(2);
      expect(page.url()).toBe(`${preview}/docs/`);
      await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
    });

    for (const [whose, code] of [
      ["preview", "accept-transaction-missing"],
      ["signInHost", "callback-transaction-missing"],
    ] as const) {
      it(`cookies cleared on the way: ${code}; the link begins anew and arrives`, async () => {
        const { browser, preview, names, [whose]: origin } = the();
        await using visit = await newVisit(browser);
        const { page, context, shown } = visit;
        await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
        const account = page.getByRole("button", { name: names.reviewer });
        await account.waitFor();
        await context.clearCookies({ domain: new URL(origin).hostname });
        await account.click();
        await expectExplained(visit, code);
        await page.getByRole("link").click();
        await page.locator("#who", { hasText: names.reviewer }).waitFor();
        expect(shown.at(-1)).toMatchObject({ status: 200 });
        expect(new URL(page.url()).origin).toBe(preview);
      });
    }

    it("Back into the used form, without script: the way back, and no second sign-in", async () => {
      const { browser, preview, signInHost, names, nonce } = the();
      await using visit = await newVisit(browser, { javaScriptEnabled: false });
      const { page, context, shown } = visit;
      await page.goto(`${preview}/docs/`);
      await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
      await page.getByRole("button", { name: names.reviewer }).click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("link", { name: "Continue" }).click();
      await page.waitForURL(`${preview}/docs/`);
      const session = await sessionValue(context, preview);
      await page.goBack();
      await page.getByRole("heading", { name: "You are signed in" }).waitFor();
      shown.length = 0;
      await page.goBack();
      expect(new URL(page.url()).origin).toBe(signInHost);
      expect(shown).toMatchObject([{ method: "GET", code: "callback-transaction-missing" }]);
      await page.getByRole("link").click();
      expect(page.url()).toBe(`${preview}/`);
      expect(await page.content()).toContain(nonce);
      expect(await sessionValue(context, preview)).toBe(session);
    });

    it("a form posted twice: the second goes on to the page and sets nothing", async () => {
      const { browser, preview, names, watch } = the();
      await using visit = await newVisit(browser, { javaScriptEnabled: false });
      const { page, context } = visit;
      await page.goto(`${preview}/docs/mooring`);
      await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
      await page.getByRole("button", { name: names.reviewer }).click();
      const go = page.getByRole("button", { name: "Continue" });
      await go.waitFor();
      const calls = watch(preview);
      // The first into another tab, as with a middle click, so that the form is still there for the second.
      await page.locator("form").evaluate((form: HTMLFormElement) => {
        form.target = "_blank";
      });
      const [first] = await Promise.all([context.waitForEvent("page"), go.click()]);
      await first.getByRole("heading", { name: "You are signed in" }).waitFor();
      const session = await sessionValue(context, preview);
      await page.locator("form").evaluate((form: HTMLFormElement) => {
        form.target = "";
      });
      await go.click();
      await page.getByRole("heading", { name: "You are signed in" }).waitFor();
      expect(await sessionValue(context, preview)).toBe(session);
      for (const tab of [first, page]) {
        await tab.getByRole("link", { name: "Continue" }).click();
        await tab.waitForURL(`${preview}/docs/mooring`);
      }
      const posts = calls().filter(({ method }) => method === "POST");
      expect(posts.map(({ path, status }) => `${path} ${status}`)).toEqual([
        `${siteEndpoints.accept} 303`,
        `${siteEndpoints.accept} 303`,
      ]);
    });

    for (const [what, service, path] of [
      ["the sign-in host", "site", /^\/\.auth\/authorize$/],
      ["Entra", "entra", /\/oauth2\/v2\.0\/authorize$/],
    ] as const) {
      it(`${what} is down: a page is tried twice a minute, then it waits to be asked`, async () => {
        const { browser, preview, names, world } = the();
        await using visit = await newVisit(browser);
        const { page, shown } = visit;
        world.faults.add({ service, path, what: { kind: "answer", status: 503, body: "{}" } });
        try {
          for (const round of [1, 2]) {
            await page.goto(`${preview}/docs/#arrivals`, { waitUntil: "commit" });
            await page.waitForURL((url) => url.origin !== preview);
            expect(shown.at(-1)?.status).toBe(503);
            expect(timesShown(shown, siteEndpoints.login)).toBe(round);
          }
          await page.goto(`${preview}/docs/#arrivals`);
          expect(shown.at(-1)).toMatchObject({ status: 401, code: "sign-in-required" });
          await page.waitForLoadState("networkidle");
          expect(timesShown(shown, siteEndpoints.login)).toBe(2);
          expect(page.url()).toBe(`${preview}/docs/#arrivals`);
        } finally {
          world.faults.clear();
        }
        // The link works as soon as sign-in does, and takes the fragment along.
        await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
        await page.getByRole("button", { name: names.reviewer }).click();
        await page.locator("#who", { hasText: names.reviewer }).waitFor();
        expect(page.url()).toBe(`${preview}/docs/#arrivals`);
      });
    }

    it("a minute later the page moves on by itself again", async () => {
      const { browser, preview, world } = the();
      await using visit = await newVisit(browser);
      const { page, shown } = visit;
      world.faults.add({
        service: "site",
        path: /^\/\.auth\/authorize$/,
        what: { kind: "answer", status: 503, body: "{}" },
      });
      try {
        for (const round of [1, 2]) {
          await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
          await page.waitForURL((url) => url.origin !== preview);
          expect(shown.at(-1)?.status).toBe(503);
          expect(timesShown(shown, siteEndpoints.login)).toBe(round);
        }
      } finally {
        world.faults.clear();
      }
      await page.clock.setFixedTime(Date.now() + 59_000);
      await page.goto(`${preview}/docs/`);
      await page.waitForLoadState("networkidle");
      expect(timesShown(shown, siteEndpoints.login)).toBe(2);
      await page.clock.setFixedTime(Date.now() + 61_000);
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("heading", { name: "Pick an account" }).waitFor();
      expect(timesShown(shown, siteEndpoints.login)).toBe(3);
    });

    it("two tabs, one signs out at the sign-in host in between: the other is asked, not sent round", async () => {
      const { browser, preview, hostile, signInHost, names } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${preview}/`, names.reviewer);
      const other = await visit.context.newPage();
      const shown = watchTab(other);
      await visit.page.goto(`${signInHost}${hostEndpoints.logout}`);
      await visit.page.getByRole("button", { name: "Sign out" }).click();
      await visit.page.getByRole("heading", { name: "You are signed out here" }).waitFor();
      await visit.context.clearCookies({ name: /^ESTS/ });
      await other.goto(`${hostile}/docs/`, { waitUntil: "commit" });
      await other.getByRole("heading", { name: "Pick an account" }).waitFor();
      expect(timesShown(shown, siteEndpoints.login)).toBe(1);
    });
  });
}
