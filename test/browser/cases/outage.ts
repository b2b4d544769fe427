import { describe, expect, it } from "vitest";
import type { HostStatus } from "../../../contract/config/site.ts";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { demo } from "../../../local/world/demo.ts";
import { arriveAs, newVisit, timesShown, type Visit } from "../visits.ts";
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

    /** Opens an address until the gate says that code: it believes for five seconds what it heard last. */
    const until = async ({ page, shown }: Visit, url: string, code: string): Promise<void> => {
      await expect
        .poll(
          async () => {
            await page.goto(url).catch(() => undefined);
            return shown.at(-1)?.code;
          },
          { timeout: 10_000, interval: 500 },
        )
        .toBe(code);
    };

    it("the sign-in host is gone: who is signed in goes on, the others read so on the site's own page", async () => {
      const { browser, preview, names, world } = the();
      await using inside = await newVisit(browser);
      await arriveAs(inside, `${preview}/`, names.reviewer);
      await using visit = await newVisit(browser);
      const { page, shown } = visit;
      const path = /^\/\.auth\/(jwks|authorize|callback)$/;
      world.faults.add({ service: "site", path, what: { kind: "drop-before" } });
      try {
        await until(visit, `${preview}/.auth/login?return_to=/docs/`, "sign-in-host-unavailable");
        expect(shown.at(-1)?.status).toBe(503);
        expect(new URL(page.url()).origin).toBe(preview);
        expect(await page.getByText("Reference").textContent()).toMatch(/[0-9A-Z]{5}-[0-9A-Z]{5}/);
        await inside.page.goto(`${preview}/docs/`);
        await inside.page.locator("#who", { hasText: names.reviewer }).waitFor();
      } finally {
        world.faults.clear();
      }
      await page.getByRole("link", { name: "Try again" }).click();
      await page.getByRole("button", { name: names.reviewer }).waitFor();
    });

    it("Entra is gone: the sign-in host says so, tries again by itself without script, and goes on once it can", async () => {
      const { browser, preview, signInHost, names, world } = the();
      await using visit = await newVisit(browser, { javaScriptEnabled: false });
      const { page, shown } = visit;
      world.faults.add({ service: "entra", what: { kind: "drop-before" } });
      try {
        await until(visit, `${preview}/.auth/login?return_to=/docs/`, "entra-unavailable");
        expect(shown.at(-1)?.status).toBe(503);
        expect(new URL(page.url()).origin).toBe(signInHost);
      } finally {
        world.faults.clear();
      }
      await page.getByRole("button", { name: names.reviewer }).click({ timeout: 15_000 });
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("link", { name: "Continue" }).click();
      expect(new URL(page.url()).pathname).toBe("/docs/");
      expect(shown.at(-1)?.status).toBe(200);
    });

    it("the host's database is full: people come in, and the status counts the events that were lost", async () => {
      const { browser, preview, signInHost, names, world } = the();
      await using visit = await newVisit(browser);
      const full = "CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'full'); END";
      await world.cloudflare.sql(demo.signInHostProject, full);
      try {
        expect((await arriveAs(visit, `${preview}/docs/`, names.reviewer)).status()).toBe(200);
        const failed = async () => {
          const status = await (await visit.page.goto(`${signInHost}/.auth/status`))?.json();
          return (status as HostStatus).audit?.failed ?? 0;
        };
        await expect.poll(failed).toBeGreaterThan(0);
      } finally {
        await world.cloudflare.sql(demo.signInHostProject, "DROP TRIGGER full");
      }
    });

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
