import { describe, expect, it } from "vitest";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { endPage } from "../../../local/start/end-page.ts";
import { serveEndPage } from "../../../local/start/end-page-server.ts";
import { type Deployed, toldOn } from "../../../local/start/scenario.ts";
import { newVisit } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

const deployed = (alias: string): Deployed => ({
  url: alias,
  alias,
  gated: true,
  evidence: "{}",
  runs: [],
  calls: [],
});

export function ending(the: () => BrowserWorld): void {
  describe("the page that npm start ends on", () => {
    it("leads to previews, production, the comment, the evidence, and as the admin to the audit page", async () => {
      const { world, browser, production, preview, names } = the();
      const last = endPage(world, deployed(production), { ...deployed(preview), ...toldOn(world, 1) });
      const { address, close } = await serveEndPage(last, 0);
      try {
        await using visit = await newVisit(browser);
        const { page } = visit;
        const gated = last.places.filter(({ name }) => name !== "The comment");
        expect(gated).toHaveLength(4);
        for (const { url } of gated) {
          await page.goto(address);
          await page.getByRole("link", { name: url, exact: true }).click();
          await page.getByRole("button", { name: names.admin }).waitFor();
        }
        await page.getByRole("button", { name: names.admin }).click();
        await page.waitForURL(
          (url) => url.pathname === hostEndpoints.audit && !url.searchParams.has("signed-in"),
        );
        await page.getByRole("table").first().waitFor();
        await page.goto(address);
        await page.getByRole("link", { name: "issuecomment" }).click();
        expect(await page.locator("article:target").textContent()).toContain(preview);
        await page.goto(address);
        await page.getByRole("link", { name: "evidence-preview.json" }).click();
        expect(await page.locator("body").textContent()).toBe("{}");
      } finally {
        await close();
      }
    });
  });
}
