import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "../browser/launch.ts";
import { signIn } from "../browser/sign-in.ts";
import { openPullRequest, pushToMain } from "../start/scenario.ts";
import { startWorld } from "../world/world.ts";

/** `npm run screenshots`: takes the docs' pictures anew, from the running product. */
const target = join(import.meta.dirname, "..", "..", "docs", "images");
const viewport = { width: 880, height: 560 };

const world = await startWorld({ nonce: "2026.11", ports: { entra: 8785, github: 8786, cloudflare: 8788 } });
const browser = await launchBrowser();
try {
  mkdirSync(target, { recursive: true });
  await pushToMain(world, {});
  const preview = await openPullRequest(world, {});

  for (const colorScheme of ["light", "dark"] as const) {
    // Without script the page stays where a visitor's browser would move on.
    const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(preview.alias);
    await page.screenshot({ path: join(target, `sign-in-${colorScheme}.png`) });
    await context.close();
  }
  const context = await browser.newContext({ viewport: { width: 880, height: 900 } });
  const page = await context.newPage();
  await page.goto(preview.page);
  await page.screenshot({ path: join(target, "comment.png"), fullPage: true });
  await context.close();

  const { people } = world.entra.cast;
  const shots = [
    { name: "site", path: "/", as: people.reviewer.name },
    { name: "refused-at-the-site", path: "/admin/", as: people.reviewer.name },
    { name: "refused-at-the-host", path: "/", as: people.outsider.name },
  ];
  for (const { name, path, as } of shots) {
    const arrived = await signIn(browser, preview.alias + path, as);
    await arrived.page.setViewportSize(viewport);
    await arrived.page.screenshot({ path: join(target, `${name}.png`) });
    await arrived.context.close();
  }
} finally {
  await browser.close();
  await world.close();
}
