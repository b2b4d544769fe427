import { describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { newVisit, timesShown } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

export function outage(the: () => BrowserWorld): void {
  describe("while nobody can sign in", () => {
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
  });
}
