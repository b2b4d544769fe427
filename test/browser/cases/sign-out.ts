import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import { askWithSession } from "../direct.ts";
import { sessionClaims, sessionValue, shortenSession } from "../sessions.ts";
import { arriveAs, newVisit, timesShown, type Visit, watchTab } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

async function signOut({ page }: Visit, origin: string): Promise<void> {
  await page.goto(`${origin}${siteEndpoints.logout}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
}

/** Why a tab's pages did not come out of the back-forward cache, each time one was gone back to. */
async function watchNotRestored(page: Page): Promise<string[][]> {
  const reasons: string[][] = [];
  const devtools = await page.context().newCDPSession(page);
  devtools.on("Page.backForwardCacheNotUsed", ({ notRestoredExplanations }) =>
    reasons.push(notRestoredExplanations.map(({ reason }) => reason)),
  );
  await devtools.send("Page.enable");
  return reasons;
}

export function signingOut(the: () => BrowserWorld): void {
  describe("signing out", () => {
    it("clears the site's cookies and, there, the sign-in host's; other previews have their own", async () => {
      const { browser, preview, hostile, signInHost, names, world } = the();
      await using visit = await newVisit(browser);
      const { page, context } = visit;
      const held = async (origin: string) =>
        (await context.cookies(origin)).map(({ name }) => name).filter((name) => name.startsWith("__Host-"));
      await arriveAs(visit, `${hostile}/`, names.reviewer);
      await page.goto(`${preview}/`);
      await page.locator("#who", { hasText: names.reviewer }).waitFor();
      expect((await held(preview)).length).toBeGreaterThan(1);

      await signOut(visit, preview);
      expect(await held(preview)).toEqual([]);
      expect(await held(hostile)).toContain(cookies.siteSession);
      expect(await held(signInHost)).toEqual([cookies.hostSession]);
      await page.getByRole("link", { name: "Sign out there, too" }).click();
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.getByRole("heading", { name: "You are signed out here" }).waitFor();
      expect(await held(signInHost)).toEqual([]);
      const atMicrosoft = page.getByRole("link", { name: "Sign out at Microsoft" });
      await atMicrosoft.click();
      await page.getByRole("button", { name: names.reviewer }).click();
      await page.getByRole("heading", { name: "You are signed out here" }).waitFor();

      // Whoever comes next to this browser is asked who he is.
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("heading", { name: "Pick an account" }).waitFor();
      expect(new URL(page.url()).origin).toBe(world.entra.authority);
    });

    it("at Microsoft, too, where that was asked for, and comes back to be told", async () => {
      const { browser, preview, signInHost, names } = the();
      await using visit = await newVisit(browser);
      const { page } = visit;
      await arriveAs(visit, `${preview}/`, names.reviewer);
      await page.goto(signInHost + hostEndpoints.logout);
      await page.getByRole("button", { name: "Sign out here and at Microsoft" }).click();
      await page.getByRole("heading", { name: "You are signed out here" }).waitFor();
      expect(page.url()).toBe(`${signInHost}${hostEndpoints.signedOut}?at=microsoft`);
      // Whose session at Entra it was, it was told: nobody had to choose an account there.
      expect(timesShown(visit.shown, hostEndpoints.callback)).toBe(2);
      await signOut(visit, preview);
      await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      await page.getByRole("heading", { name: "Pick an account" }).waitFor();
    });

    it("CVE-2026-34454: a session copied before lives to its end, which is at most recheck away, and not longer", async () => {
      const { browser, preview, names, nonce, world } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${preview}/`, names.reviewer);
      const { iat, exp } = await sessionClaims(visit.context, preview);
      expect(exp - iat).toBeLessThanOrEqual(3600);
      const copy = (await sessionValue(visit.context, preview)) ?? "";
      const ending = await shortenSession(world, visit.context, preview, 4);
      expect((await askWithSession(`${preview}/docs/`, ending)).status).toBe(200);
      await signOut(visit, preview);
      const copied = await askWithSession(`${preview}/docs/`, copy);
      expect(copied.status).toBe(200);
      expect(copied.text).toContain(nonce);
      await expect
        .poll(
          () =>
            askWithSession(`${preview}/docs/`, ending).then(({ headers }) => headers.get(answerHeaders.code)),
          {
            timeout: 10_000,
          },
        )
        .toBe("session-expired");
      const over = await askWithSession(`${preview}/docs/`, ending);
      expect(over.status).toBe(401);
      expect(over.text).not.toContain(nonce);
    });

    it("Back shows nothing of what was seen, neither from the cache nor from memory", async () => {
      const { browser, preview, nonce, names } = the();
      await using visit = await newVisit(browser);
      const { page, context, shown } = visit;
      const paths = ["/docs/", "/about/", "/docs/mooring"];
      await arriveAs(visit, preview + paths[0], names.reviewer);
      for (const path of paths.slice(1)) await page.goto(preview + path);
      expect(await page.content()).toContain(nonce);
      // This Chromium keeps no pages in memory; it says which of them no browser may keep there as they were.
      const reasons = await watchNotRestored(page);
      await page.goBack();
      await expect
        .poll(() => reasons)
        .toContainEqual(expect.arrayContaining(["MainResourceHasCacheControlNoStore"]));
      await page.goForward();

      await signOut(visit, preview);
      await context.clearCookies();
      await page.goBack();
      for (const path of paths.toReversed()) {
        shown.length = 0;
        await page.goBack({ waitUntil: "commit" });
        await expect.poll(() => shown.some(({ url }) => url.href === preview + path)).toBe(true);
        await page.waitForLoadState("networkidle");
        expect(await page.content()).not.toContain(nonce);
        const answers = shown.filter(({ url }) => url.href === preview + path);
        expect(answers.map(({ status }) => status)).toEqual([401]);
      }
    });

    it("at the sign-in host while another tab is open: that one is asked who he is, and not sent round", async () => {
      const { browser, preview, hostile, signInHost, names } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${preview}/`, names.reviewer);
      const other = await visit.context.newPage();
      const shown = watchTab(other);
      await visit.page.goto(`${signInHost}${hostEndpoints.logout}`);
      await visit.page.getByRole("button", { name: "Sign out", exact: true }).click();
      await visit.page.getByRole("heading", { name: "You are signed out here" }).waitFor();
      await visit.context.clearCookies({ name: /^ESTS/ });
      await other.goto(`${hostile}/docs/`, { waitUntil: "commit" });
      await other.getByRole("heading", { name: "Pick an account" }).waitFor();
      expect(timesShown(shown, siteEndpoints.login)).toBe(1);
    });
  });
}
