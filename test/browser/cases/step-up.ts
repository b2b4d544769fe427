import { describe, expect, it } from "vitest";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { signInEnd } from "../../../local/browser/sign-in.ts";
import { arriveAs, newVisit, staysPut, timesShown } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** Pages of the site whose rules want more than to know who it is; see `startBrowserWorld`. */
export const stepUpPages = { recently: "/ledger", context: "/vault" } as const;

export const stepUpRules = (groups: readonly string[]) => [
  { path: stepUpPages.recently, allow: { groups }, signedInWithin: "15m" },
  { path: stepUpPages.context, allow: { groups }, authContext: "c1" },
];
const { recently, context: protectedPage } = stepUpPages;

const now = () => Math.floor(Date.now() / 1000);

export function steppingUp(the: () => BrowserWorld): void {
  describe("stepping up", () => {
    it("signedInWithin: whoever signed in too long ago is asked once more, and arrives", async () => {
      const { browser, preview, names, world } = the();
      const { directory } = world.entra;
      await using visit = await newVisit(browser);
      const { page, context, shown } = visit;
      expect((await arriveAs(visit, preview + recently, names.reviewer)).status()).toBe(200);
      expect(timesShown(shown, hostEndpoints.callback)).toBe(1);

      // An hour later, with a browser in which only Entra's session is left.
      await context.clearCookies({ name: /^__Host-/ });
      await page.goto("about:blank");
      directory.agedSignIns = { before: now() + 1, by: 3600 };
      shown.length = 0;
      const end = signInEnd(page, preview);
      await page.goto(`${preview}${recently}#tide`, { waitUntil: "commit" });
      await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
      directory.agedSignIns = { before: 0, by: 0 };
      await page.getByRole("button", { name: names.reviewer }).click();
      expect((await end).status()).toBe(200);
      await page.waitForURL(`${preview}${recently}#tide`);
      // Asked plainly, then with prompt=login: only what comes back tells how long ago it was.
      expect(timesShown(shown, hostEndpoints.callback)).toBe(2);
      expect(timesShown(shown, hostEndpoints.authorize)).toBe(1);
    });

    it("authContext: Entra asks for more, once; a page without one asks for nothing", async () => {
      const { browser, preview, hostile, names, world } = the();
      const { protectedContexts } = world.entra.directory;
      protectedContexts.add("c1");
      try {
        await using visit = await newVisit(browser);
        const { page } = visit;
        expect((await arriveAs(visit, `${preview}/docs/`, names.reviewer)).status()).toBe(200);
        const end = signInEnd(page, preview);
        await page.goto(preview + protectedPage, { waitUntil: "commit" });
        await page.getByRole("button", { name: "Approve" }).click();
        expect((await end).status()).toBe(200);
        await page.waitForURL(preview + protectedPage);
        // The next preview asks nobody any more.
        await page.goto(hostile + protectedPage, { waitUntil: "commit" });
        await page.locator("#who", { hasText: names.reviewer }).waitFor();
      } finally {
        protectedContexts.clear();
      }
    });

    it("authContext declined: explained at the sign-in host, and no loop", async () => {
      const { browser, preview, names, world } = the();
      const { protectedContexts } = world.entra.directory;
      protectedContexts.add("c1");
      try {
        await using visit = await newVisit(browser);
        const { page, shown } = visit;
        await arriveAs(visit, `${preview}/docs/`, names.reviewer);
        const end = signInEnd(page, preview);
        await page.goto(preview + protectedPage, { waitUntil: "commit" });
        await page.getByRole("button", { name: "Cancel" }).click();
        expect((await end).status()).toBeGreaterThanOrEqual(400);
        expect(shown.at(-1)?.code).toBe("entra-access-denied");
        expect(await staysPut(page)).toBe(true);
      } finally {
        protectedContexts.clear();
      }
    });

    it("an application that sends no acrs: one attempt, then an explanation", async () => {
      const { browser, preview, names, world } = the();
      const { directory, cast } = world.entra;
      const application = directory.application(cast.applications.gate.appId);
      if (application?.optionalClaims == null) throw new Error("the action did not ask for claims");
      const idToken = application.optionalClaims.idToken.filter(({ name }) => name !== "acrs");
      directory.writeApplication(application.id, {
        ...application,
        optionalClaims: { ...application.optionalClaims, idToken },
      });
      try {
        await using visit = await newVisit(browser);
        const { page, shown } = visit;
        expect((await arriveAs(visit, preview + protectedPage, names.reviewer)).status()).toBe(401);
        expect(shown.at(-1)?.code).toBe("step-up-required");
        expect(await staysPut(page)).toBe(true);
        expect(timesShown(shown, hostEndpoints.authorize)).toBe(1);
        // Everything else of the site is open to him all the same.
        expect((await page.goto(`${preview}/docs/`))?.status()).toBe(200);
      } finally {
        directory.writeApplication(application.id, application);
      }
    });
  });
}
