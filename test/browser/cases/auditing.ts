import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { faultsOf } from "../axe.ts";
import { arriveAs, newVisit, type Visit } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** Opens the audit page and chooses somebody on Entra's page, without script. */
async function openAudit(
  { page }: Visit,
  { signInHost }: BrowserWorld,
  name: string,
  query = "",
): Promise<void> {
  await page.goto(signInHost + hostEndpoints.audit + query);
  await page.getByRole("button", { name }).click();
  await page.waitForURL((url) => url.pathname === hostEndpoints.audit && !url.searchParams.has("signed-in"));
}

export function auditing(the: () => BrowserWorld): void {
  describe("the audit page, from what host and action really wrote to D1", () => {
    it("shows who was let in and who was refused, by pull request and commit, and gives it away as files", async () => {
      const { browser, preview, names } = the();
      for (const who of [names.reviewer, names.outsider]) {
        await using visit = await newVisit(browser);
        await arriveAs(visit, `${preview}/docs/`, who);
      }
      await using visit = await newVisit(browser, { javaScriptEnabled: false, acceptDownloads: true });
      const { page } = visit;
      await openAudit(visit, the(), names.admin);
      const row = (what: string, who: string) =>
        page.locator("tr", { hasText: what }).filter({ hasText: who });
      expect(await row("Let in", names.reviewer).count()).toBeGreaterThan(0);
      expect(await row("entry-refused", names.outsider).count()).toBeGreaterThan(0);
      expect(await page.locator("svg.chart rect.good").count()).toBeGreaterThan(0);

      await page.getByLabel("Show").selectOption("refused");
      await page.getByLabel("Search").fill(names.outsider);
      await page.getByRole("button", { name: "Show" }).click();
      expect(await row("Refused", names.outsider).count()).toBeGreaterThan(0);
      expect(await row("Let in", names.reviewer).count()).toBe(0);

      await page.getByLabel("Show").selectOption("changes");
      await page.getByLabel("Search").fill("");
      await page.getByRole("button", { name: "Show" }).click();
      expect(await row("Created", "deployment").count()).toBeGreaterThan(0);
      const download = page.waitForEvent("download");
      await page.getByRole("link", { name: "OCSF" }).click();
      const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\n");
      expect(lines.map((line) => JSON.parse(line).class_uid)).toEqual(lines.map(() => 3004));

      await page.getByRole("link", { name: "Previews" }).click();
      await page.getByRole("link", { name: "#1", exact: true }).click();
      const sighting = page.locator("tr", { hasText: names.reviewer }).first();
      expect(await sighting.innerText()).toMatch(/[0-9a-f]{10}/);
    });

    for (const query of ["", "?view=previews", "?view=previews&pull=1", "?view=sites"])
      it(`is readable by everybody: ${query || "activity"}`, async () => {
        await using visit = await newVisit(the().browser);
        await openAudit(visit, the(), the().names.admin, query);
        expect(visit.shown.at(-1)?.status).toBe(200);
        await visit.page.locator("details").evaluateAll((all) => {
          for (const one of all) one.setAttribute("open", "");
        });
        expect(await faultsOf(visit.page)).toEqual([]);
      });

    it("is for nobody whom no policy names", async () => {
      await using visit = await newVisit(the().browser);
      await openAudit(visit, the(), the().names.reviewer);
      expect(visit.shown.at(-1)).toMatchObject({ status: 403, code: "audit-refused" });
      expect(await faultsOf(visit.page)).toEqual([]);
    });
  });
}
