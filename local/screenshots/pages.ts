import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { hostEndpoints, siteEndpoints } from "../../contract/names/endpoints.ts";
import { signInOn } from "../browser/sign-in.ts";
import type { World } from "../world/world.ts";

const desk: BrowserContextOptions = { viewport: { width: 720, height: 440 } };
const tall: BrowserContextOptions = { viewport: { width: 720, height: 600 } };
const phone: BrowserContextOptions = { viewport: { width: 320, height: 640 } };
// Without script a page stays where a visitor's browser would move on.
const still: BrowserContextOptions = { javaScriptEnabled: false };
const dark: BrowserContextOptions = { colorScheme: "dark" };
const german: BrowserContextOptions = { locale: "de-DE" };

interface Shot {
  readonly name: string;
  readonly options: BrowserContextOptions;
  show(page: Page): Promise<unknown>;
}

/**
 * Each page that visitors meet once, some of them in the dark, on a telephone, in German; and the link card.
 *
 * @param origin of a preview
 * @param into folder for the pictures
 */
export async function takePages(world: World, browser: Browser, origin: string, into: string): Promise<void> {
  const { reviewer, outsider } = world.entra.cast.people;
  const open = (path: string) => (page: Page) => page.goto(origin + path);
  const refusedThere = (page: Page) => signInOn(page, `${origin}/admin/`, reviewer.name);
  const shots: readonly Shot[] = [
    { name: "sign-in-light", options: { ...desk, ...still }, show: open("/") },
    { name: "sign-in-dark", options: { ...desk, ...still, ...dark }, show: open("/") },
    { name: "sign-in-phone-german", options: { ...phone, ...still, ...german }, show: open("/") },
    {
      name: "signing-in",
      options: { ...desk, ...still },
      show: (page) => upToTheHost(page, origin, reviewer.name),
    },
    { name: "refused-at-the-site", options: tall, show: refusedThere },
    { name: "refused-phone-dark-german", options: { ...phone, ...dark, ...german }, show: refusedThere },
    {
      name: "refused-at-the-host",
      options: tall,
      show: (page) => signInOn(page, `${origin}/`, outsider.name),
    },
    { name: "not-finished", options: desk, show: open(`${siteEndpoints.accept}?done=lost`) },
    { name: "sign-in-down", options: desk, show: (page) => withoutEntra(world, page, origin, reviewer.name) },
    { name: "sign-out", options: desk, show: open(siteEndpoints.logout) },
    { name: "signed-out", options: desk, show: open(siteEndpoints.signedOut) },
  ];
  for (const { name, options, show } of shots) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await show(page);
    await page.screenshot({ path: join(into, `${name}.png`), fullPage: true });
    await context.close();
  }
  await takeCard(browser, origin, into);
}

/** By the links, as somebody without script goes: up to the form that is posted to the site. */
async function upToTheHost(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(`${origin}/`);
  await page.locator("nav a").first().click();
  await page.getByRole("button", { name }).click();
  await page.waitForURL(new RegExp(hostEndpoints.callback));
}

async function withoutEntra(world: World, page: Page, origin: string, name: string): Promise<void> {
  world.faults.add({ service: "entra", path: /\/token$/, what: { kind: "answer", status: 503, body: "{}" } });
  await signInOn(page, `${origin}/`, name).finally(() => world.faults.clear());
}

/** Half its size is enough to look at. */
async function takeCard(browser: Browser, origin: string, into: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 600, height: 315 } });
  const source = await (await context.newPage()).goto(origin + siteEndpoints.card);
  const picture = (await source?.body())?.toString("base64");
  const page = await context.newPage();
  await page.setContent(
    `<body style="margin:0"><img style="width:100vw" src="data:image/png;base64,${picture}">`,
  );
  await page.screenshot({ path: join(into, "link-card.png") });
  await context.close();
}
