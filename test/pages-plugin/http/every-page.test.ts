import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostErrors } from "../../../contract/errors/host.ts";
import { siteAnswers } from "../../../contract/errors/site-answers.ts";
import { hostTexts } from "../../../contract/texts/host.ts";
import { languages } from "../../../contract/texts/languages.ts";
import { siteTexts } from "../../../contract/texts/site.ts";
import { launchBrowser } from "../../../local/browser/launch.ts";
import { createAnswers } from "../../../pages-plugin/src/http/answers.ts";
import { faultsOf } from "../../browser/axe.ts";

const site = createAnswers(siteAnswers, siteTexts, "Harbour");
const host = createAnswers(hostErrors, hostTexts, "Harbour");

/** The page that a navigation in this language is answered with. */
function pageOf(role: "site" | "host", code: string, language: string): Promise<string> {
  const request = new Request("https://site.example/docs/", {
    headers: { "accept-language": language, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  });
  const options = { reference: "7KQ2M-4XPVE", as: "page" } as const;
  const answer =
    role === "site"
      ? site.refuse(request, code as keyof typeof siteAnswers, options)
      : host.refuse(request, code as keyof typeof hostErrors, options);
  return answer.text();
}

/** One code for each different page, with a language; all languages take turns. */
const cases = (
  [
    ["site", siteAnswers],
    ["host", hostErrors],
  ] as const
).flatMap(([role, table]) => {
  const different = new Map(
    Object.entries(table).map(([code, { status, visitor }]) => [`${status} ${visitor}`, code]),
  );
  return [...different.values()].map((code, index) => ({
    role,
    code,
    language: languages[index % languages.length] ?? "en",
  }));
});

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe("every page that the gate can answer with", () => {
  it("has nothing that axe finds wrong, whether a test comes across it or not", async () => {
    expect(cases.length).toBeGreaterThan(15);
    const page = await browser.newPage();
    for (const { role, code, language } of cases) {
      await page.setContent(await pageOf(role, code, language));
      expect({ code, language, faults: await faultsOf(page) }).toEqual({ code, language, faults: [] });
      expect(await page.locator("html").getAttribute("lang")).toBe(language);
    }
    await page.close();
  });
});
