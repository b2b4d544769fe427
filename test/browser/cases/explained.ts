import { describe, expect, it } from "vitest";
import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { type Appetite, startCookieEater } from "../cookie-eater.ts";
import { sessionValue } from "../sessions.ts";
import { newVisit, staysPut, timesShown, type Visit } from "../visits.ts";
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
      expect(await page.locator("main").textContent()).toMatch(/cookies/i);
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
      expect(await page.locator("main").textContent()).toMatch(/cookies/i);
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

    it("a form posted twice: the second goes on to the page as the first did", async () => {
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
  });
}
