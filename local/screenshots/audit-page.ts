import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startSampleHost } from "../audit-page/host.ts";
import { launchBrowser } from "../browser/launch.ts";

/** Takes the pictures of the audit page anew, with two weeks of made-up events that are the same each time. */
const target = process.argv[2] ?? join(import.meta.dirname, "..", "..", "docs", "images");
const host = await startSampleHost(Date.UTC(2026, 10, 25, 15, 20), 8788);
const browser = await launchBrowser();
const wide = { width: 1180, height: 1180 };
const low = { width: 1180, height: 760 };
const shots = [
  { name: "audit-light", query: "", scheme: "light", viewport: wide },
  { name: "audit-dark", query: "", scheme: "dark", viewport: wide },
  { name: "audit-phone", query: "", scheme: "light", viewport: { width: 390, height: 1500 } },
  {
    name: "audit-preview",
    query: "?view=previews&site=harbour&pull=45&span=30d",
    scheme: "light",
    viewport: low,
  },
  { name: "audit-sites", query: "?view=sites", scheme: "light", viewport: wide },
] as const;
try {
  mkdirSync(target, { recursive: true });
  for (const { name, query, scheme, viewport } of shots) {
    // The browser takes a `__Host-` cookie from the host itself only.
    const extraHTTPHeaders = { cookie: `${host.cookie.name}=${host.cookie.value}` };
    const context = await browser.newContext({
      viewport,
      colorScheme: scheme,
      javaScriptEnabled: false,
      extraHTTPHeaders,
    });
    const page = await context.newPage();
    const answer = await page.goto(`${host.origin}/.auth/audit${query}`);
    if (answer?.status() !== 200) throw new Error(`${name}: ${answer?.status()}`);
    await page.screenshot({ path: join(target, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  await host.close();
}
