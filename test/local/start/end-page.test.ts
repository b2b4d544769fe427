import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../local/browser/launch.ts";
import type { EndPage } from "../../../local/start/end-page.ts";
import { endPageHtml } from "../../../local/start/end-page-html.ts";
import { serveEndPage } from "../../../local/start/end-page-server.ts";
import { faultsOf } from "../../browser/axe.ts";

const ending: EndPage = {
  folder: "/somewhere/<b>",
  places: [
    { name: "The preview", url: "http://pr-1.harbour.localhost:1", what: "a preview" },
    { name: "Production", url: "", what: "nothing was deployed" },
  ],
  people: [{ name: "Rita <i>", who: "in reviewers", sees: "sees it" }],
  deployments: [
    { name: "Production", gated: false },
    { name: "The preview", gated: true, probes: { total: 590, open: 0 } },
  ],
  evidence: [{ name: "evidence-preview.json", what: "what was checked", text: '{"format":1}' }],
};

let server: Awaited<ReturnType<typeof serveEndPage>>;
beforeAll(async () => {
  server = await serveEndPage(ending, 0);
});
afterAll(() => server?.close());

describe("the page that npm start ends on", () => {
  it("is readable by everybody, in light and dark, and runs nothing", async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      for (const over of [false, true]) {
        await page.setContent(endPageHtml({ ...ending, over }));
        expect(await faultsOf(page)).toEqual([]);
      }
    } finally {
      await browser.close();
    }
    expect(endPageHtml(ending)).not.toContain("<script");
  });

  it("links to what is there and says of the rest that it isn't", () => {
    const html = endPageHtml(ending);
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(["http://pr-1.harbour.localhost:1", "evidence-preview.json"]);
    expect(html).toContain("not deployed");
    expect(html).toContain("not proved closed");
    expect(html).not.toMatch(/<b>|<i>/);
  });

  it("is served with the evidence beside it, to be read only", async () => {
    const page = await fetch(server.address);
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ]);
    expect(await (await fetch(`${server.address}evidence-preview.json`)).json()).toEqual({ format: 1 });
    expect((await fetch(`${server.address}calls.ndjson`)).status).toBe(404);
    expect((await fetch(server.address, { method: "POST" })).status).toBe(405);
    expect(new URL(server.address).hostname).toBe("127.0.0.1");
  });

  it("takes another port where the wanted one is taken", async () => {
    const second = await serveEndPage(ending, Number(new URL(server.address).port));
    expect(second.address).not.toBe(server.address);
    await second.close();
  });
});
