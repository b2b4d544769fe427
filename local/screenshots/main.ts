import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "../browser/launch.ts";
import { signIn } from "../browser/sign-in.ts";
import { openPullRequest, pushToMain } from "../start/scenario.ts";
import { startWorld } from "../world/world.ts";
import { takePages } from "./pages.ts";

/** `npm run screenshots`: takes the docs' pictures anew, from the running product. */
const target = join(import.meta.dirname, "..", "..", "docs", "images");
const viewport = { width: 880, height: 560 };

const world = await startWorld({ nonce: "2026.11", ports: { entra: 8785, github: 8786, cloudflare: 8788 } });
const browser = await launchBrowser();
try {
  mkdirSync(target, { recursive: true });
  await pushToMain(world, {});
  const preview = await openPullRequest(world, {});

  await takePages(world, browser, preview.alias, target);

  const context = await browser.newContext({ viewport: { width: 880, height: 900 } });
  const page = await context.newPage();
  await page.goto(preview.page);
  await page.screenshot({ path: join(target, "comment.png"), fullPage: true });
  await context.close();

  const { reviewer } = world.entra.cast.people;
  const arrived = await signIn(browser, `${preview.alias}/`, reviewer.name);
  await arrived.page.setViewportSize(viewport);
  await arrived.page.screenshot({ path: join(target, "site.png") });
  await arrived.context.close();
} finally {
  await browser.close();
  await world.close();
}
