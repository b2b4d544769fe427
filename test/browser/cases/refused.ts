import { describe, expect, it } from "vitest";
import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { signInEnd } from "../../../local/browser/sign-in.ts";
import { throttled } from "../../../local/entra/entra.ts";
import { arrive, arriveAs, newVisit, timesShown } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

export function refused(the: () => BrowserWorld): void {
  describe("refused", () => {
    it("an outsider is refused at the sign-in host; the site never hears of him, and another account gets in", async () => {
      const { browser, preview, signInHost, nonce, names, watch } = the();
      await using visit = await newVisit(browser);
      const { page, context, shown } = visit;
      const atSite = watch(preview);
      expect((await arriveAs(visit, `${preview}/docs/mooring#arrivals`, names.outsider)).status()).toBe(403);
      expect(new URL(page.url()).origin).toBe(signInHost);
      expect(shown.at(-1)?.code).toMatch(/^entry-refused/);
      expect(atSite().filter(({ path }) => path === siteEndpoints.accept)).toEqual([]);
      expect(atSite().some(({ marked }) => marked)).toBe(false);
      expect((await context.cookies(preview)).map(({ name }) => name)).not.toContain(cookies.siteSession);
      const text = await page.locator("main").textContent();
      expect(text).toContain("reviewers");
      expect(text).not.toContain(nonce);

      const end = signInEnd(page, preview);
      await page.getByRole("link", { name: "Use another account" }).click();
      await page.getByRole("button", { name: names.reviewer }).click();
      expect((await end).status()).toBe(200);
      await page.waitForLoadState();
      expect(page.url()).toBe(`${preview}/docs/mooring#arrivals`);
      await page.locator("#who", { hasText: names.reviewer }).waitFor();
    });

    it("an outsider who knows every address is refused at each", async () => {
      const { browser, preview, production, hostile, names, watch } = the();
      await using visit = await newVisit(browser);
      const seen = watch();
      expect((await arriveAs(visit, `${preview}/`, names.outsider)).status()).toBe(403);
      for (const origin of [preview, production, hostile]) {
        expect((await arrive(visit.page, `${origin}/about/`)).status()).toBe(403);
      }
      expect(seen().filter(({ marked, path }) => marked || path === siteEndpoints.accept)).toEqual([]);
    });

    it("/admin/ names the role that would do, and nobody; its holder gets in", async () => {
      const { browser, preview, names, nonce, world } = the();
      await using reviewer = await newVisit(browser);
      expect((await arriveAs(reviewer, `${preview}/admin/`, names.reviewer)).status()).toBe(403);
      expect(reviewer.page.url()).toBe(`${preview}/admin/`);
      expect(reviewer.shown.at(-1)?.code).toBe("not-admitted");
      const text = await reviewer.page.locator("main").textContent();
      expect(text).toContain("Site.Admin");
      expect(text).toContain(names.reviewer);
      const html = await reviewer.page.content();
      const { people } = world.entra.cast;
      for (const [who, { oid, upn, name }] of Object.entries(people)) {
        expect(html).not.toContain(oid);
        expect(html).not.toContain(upn);
        if (who !== "reviewer") expect(html).not.toContain(name);
      }
      expect(html).not.toContain(nonce);

      await using admin = await newVisit(browser);
      expect((await arriveAs(admin, `${preview}/admin/`, names.admin)).status()).toBe(200);
      expect(await admin.page.locator("footer").textContent()).toContain(nonce);
    });

    it("a guest who is in no group is refused", async () => {
      const { browser, preview, names } = the();
      await using visit = await newVisit(browser);
      expect((await arriveAs(visit, `${preview}/`, names.guest)).status()).toBe(403);
      expect(visit.shown.at(-1)?.code).toMatch(/^entry-refused/);
    });

    it("a disabled account doesn't get past Entra", async () => {
      const { browser, preview, signInHost, names, world, watch } = the();
      await using visit = await newVisit(browser);
      const { page } = visit;
      const atHost = watch(signInHost);
      await page.goto(`${preview}/`, { waitUntil: "commit" });
      await page.getByRole("button", { name: names.disabled }).click();
      await page.getByRole("alert").filter({ hasText: "AADSTS50057" }).waitFor();
      expect(new URL(page.url()).origin).toBe(world.entra.authority);
      // The site may fetch the host's keys meanwhile.
      const asked = atHost().filter(({ path }) => path !== hostEndpoints.jwks);
      expect(asked.map(({ path }) => path)).toEqual([hostEndpoints.authorize]);
    });

    it("oauth2-proxy#1902: somebody in 250 groups comes in; while Graph throttles he gets a reference that is in the log", async () => {
      const { browser, preview, names, world } = the();
      await using visit = await newVisit(browser);
      world.faults.add(throttled({ retryAfter: 10, times: 1, path: /getMemberObjects$/ }));
      expect((await arriveAs(visit, `${preview}/`, names.manyGroups)).status()).toBe(503);
      expect(visit.shown.at(-1)?.code).toBe("graph-unavailable");
      expect(timesShown(visit.shown, siteEndpoints.accept)).toBe(0);
      const text = await visit.page.locator("small").textContent();
      const [reference = ""] = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(text ?? "") ?? [];
      expect(reference).not.toBe("");
      await expect
        .poll(() => world.cloudflare.consoleLines.filter(({ line }) => line.includes(reference)).length)
        .toBeGreaterThan(0);
      const { line = "" } = world.cloudflare.consoleLines.find((one) => one.line.includes(reference)) ?? {};
      expect(JSON.parse(line)).toMatchObject({ code: "graph-unavailable" });

      expect((await arrive(visit.page, `${preview}/`)).status()).toBe(200);
      await visit.page.locator("#who", { hasText: names.manyGroups }).waitFor();
    });
  });
}
