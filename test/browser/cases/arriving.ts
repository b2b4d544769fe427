import { describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { identityHeaders } from "../../../contract/names/headers.ts";
import { attacks } from "../hostile-site.ts";
import { arrive, arriveAs, newVisit, timesShown, watchTab } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** The page of the demo site that greets the visitor with what its API function was told. */
const greeting = "#who";

export function arriving(the: () => BrowserWorld): void {
  describe("arriving", () => {
    it("oauth2-proxy#2068: the first sign-in ends on the deep link, query and fragment included", async () => {
      const { browser, preview, nonce, names, world, watch } = the();
      await using visit = await newVisit(browser);
      const { page, shown } = visit;
      const calls = watch(preview);
      const address = `${preview}/docs/mooring?from=mail&q=a%20b%2Fc#arrivals`;
      expect((await arriveAs(visit, address, names.reviewer)).status()).toBe(200);
      expect(page.url()).toBe(address);
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Mooring");
      expect(await page.locator("footer").textContent()).toContain(nonce);
      await page.locator(greeting, { hasText: names.reviewer }).waitFor();
      const hello = await page.evaluate(async () => (await fetch("/api/hello")).json());
      const { groups } = world.entra.cast;
      expect(hello).toEqual({
        greeting: `Signed in as ${names.reviewer}`,
        groups: [groups.reviewers.id],
        roles: [],
      });
      // One round trip, and nothing of the site before it was over.
      expect(shown[0]).toMatchObject({ status: 401, code: "sign-in-required" });
      expect([siteEndpoints.login, siteEndpoints.accept].map((path) => timesShown(shown, path))).toEqual([
        1, 2,
      ]);
      const firstContent = calls().findIndex(({ marked }) => marked === true);
      const accepted = calls().findIndex(
        ({ path, method }) => path === siteEndpoints.accept && method === "POST",
      );
      expect(firstContent).toBeGreaterThan(accepted);
      expect(accepted).toBeGreaterThan(0);
    });

    it("a second preview opens by itself, without Entra", async () => {
      const { browser, preview, hostile, production, names, world, watch } = the();
      await using visit = await newVisit(browser);
      const { page, shown } = visit;
      await arriveAs(visit, `${preview}/`, names.reviewer);
      const toEntra = watch(world.entra.authority);
      for (const origin of [hostile, production]) {
        shown.length = 0;
        const address = `${origin}/docs/?x=1#arrivals`;
        expect((await arrive(page, address)).status()).toBe(200);
        expect(page.url()).toBe(address);
        await page.locator(greeting, { hasText: names.reviewer }).waitFor();
        expect(shown.filter(({ url }) => url.origin === world.entra.authority)).toEqual([]);
        expect(timesShown(shown, siteEndpoints.login)).toBe(1);
      }
      // The token endpoint neither: the sign-in host answered from its own session.
      expect(toEntra()).toEqual([]);
    });

    it("oauth2-proxy#611: two tabs that sign in at once both arrive", async () => {
      const { browser, preview, names } = the();
      await using visit = await newVisit(browser);
      const tabs = [visit.page, await visit.context.newPage()];
      const addresses = [`${preview}/docs/mooring?tab=1#one`, `${preview}/about/?tab=2#two`];
      const accounts = tabs.map((tab) => tab.getByRole("button", { name: names.reviewer }));
      await Promise.all(tabs.map((tab, at) => tab.goto(addresses[at] ?? "", { waitUntil: "commit" })));
      await Promise.all(accounts.map((account) => account.waitFor()));
      await Promise.all(accounts.map((account) => account.click()));
      await Promise.all(tabs.map((tab) => tab.locator(greeting, { hasText: names.reviewer }).waitFor()));
      expect(tabs.map((tab) => tab.url())).toEqual(addresses);
    });

    it("oauth2-proxy#611: the tab that began first and ends last arrives, too", async () => {
      const { browser, preview, hostile, names } = the();
      await using visit = await newVisit(browser);
      const [first, second] = [visit.page, await visit.context.newPage()];
      const seen = watchTab(second);
      for (const [tab, origin] of [
        [first, preview],
        [second, hostile],
      ] as const) {
        await tab.goto(`${origin}/docs/#${origin}`, { waitUntil: "commit" });
        await tab.getByRole("button", { name: names.reviewer }).waitFor();
      }
      for (const tab of [second, first]) {
        await tab.getByRole("button", { name: names.reviewer }).click();
        await tab.locator(greeting, { hasText: names.reviewer }).waitFor();
      }
      expect([first.url(), second.url()]).toEqual([
        `${preview}/docs/#${preview}`,
        `${hostile}/docs/#${hostile}`,
      ]);
      expect(timesShown(seen, siteEndpoints.login)).toBe(1);
    });

    it("without script there are a link, two buttons and a link, all by keyboard", async () => {
      const { browser, preview, names, nonce } = the();
      await using visit = await newVisit(browser, { javaScriptEnabled: false });
      const { page } = visit;
      await page.goto(`${preview}/docs/mooring?x=1`);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: names.reviewer }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Continue" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "Continue" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(`${preview}/docs/mooring?x=1`);
      expect(await page.locator("footer").textContent()).toContain(nonce);
    });

    it("CVE-2025-64484: a page that says who its visitor is isn't believed, in any spelling", async () => {
      const { browser, hostile, names, world } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${hostile}/`, names.reviewer);
      const { reviewer, admin } = world.entra.cast.people;
      const claims = [{ typ: "roles", val: "Site.Admin" }];
      const principal = Buffer.from(JSON.stringify({ auth_typ: "aad", claims })).toString("base64");
      const sent = {
        [identityHeaders.principal]: principal,
        [identityHeaders.principalId]: admin.oid,
        "X-MS-Client-Principal-Name": admin.name,
        X_MS_CLIENT_PRINCIPAL_NAME: admin.name,
        "X-MS-CLIENT-PRINCIPAL-EXTRA": admin.name,
        "X-MS-TOKEN-AAD-ID-TOKEN": "a.b.c",
        [identityHeaders.roles]: "Site.Admin",
        X_Entra_Gate_Roles: "Site.Admin",
      };
      const ask = (path: string) =>
        visit.page.evaluate(
          async ([where, headers]) => {
            const answer = await fetch(where, { headers });
            return { status: answer.status, body: await answer.text() };
          },
          [path, sent] as const,
        );
      expect(JSON.parse((await ask("/api/hello")).body)).toMatchObject({
        greeting: `Signed in as ${names.reviewer}`,
        roles: [],
      });
      // This pull request's author wrote a function that tells every header it is given.
      const seen: Record<string, string> = JSON.parse((await ask(attacks.seen)).body);
      const told = Object.entries(seen).filter(([name]) => /^x[-_](ms|entra)[-_]/.test(name));
      expect(told.map(([name]) => name).sort()).toEqual(Object.values(identityHeaders).sort());
      expect(seen[identityHeaders.principalId]).toBe(reviewer.oid);
      expect(seen[identityHeaders.principalName]).toBe(reviewer.name);
      expect(seen[identityHeaders.principal]).not.toBe(principal);
      expect(seen[identityHeaders.roles]).toBe("");
      expect((await ask("/admin/")).status).toBe(403);
    });

    it("the code behind is given none of the gate's cookies, and all others", async () => {
      const { browser, hostile, names } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${hostile}/`, names.reviewer);
      await visit.context.addCookies([{ name: "theme", value: "dark", url: hostile }]);
      const seen = await visit.page.evaluate(async (path) => (await fetch(path)).json(), attacks.seen);
      expect(seen.cookie).toBe("theme=dark");
    });
  });
}
