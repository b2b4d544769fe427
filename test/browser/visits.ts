import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from "playwright-core";
import { answerHeaders } from "../../contract/names/headers.ts";
import { signInEnd, signInOn } from "../../local/browser/sign-in.ts";

/** One document that a tab was answered with, redirects included. */
export interface Shown {
  readonly method: string;
  readonly status: number;
  readonly url: URL;
  /** The gate's own code, where it refused. */
  readonly code: string | undefined;
}

/** Somebody's browser profile, with one tab open. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the tab was shown so far. */
  readonly shown: Shown[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function newVisit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  return { context, page, shown: watchTab(page), [Symbol.asyncDispose]: () => context.close() };
}

/** Documents of a tab's main frame, from now on. */
export function watchTab(page: Page): Shown[] {
  const shown: Shown[] = [];
  page.on("response", (response) => {
    const request = response.request();
    if (request.resourceType() !== "document" || response.frame() !== page.mainFrame()) return;
    const code = response.headers()[answerHeaders.code];
    shown.push({ method: request.method(), status: response.status(), url: new URL(response.url()), code });
  });
  return shown;
}

/** Opens a gated address and chooses that person on Entra's page. */
export async function arriveAs(visit: Visit, url: string, name: string): Promise<Response> {
  return signInOn(visit.page, url, name);
}

/**
 * Signs somebody in, in a visit without script, up to the form that would be posted to the site.
 *
 * @returns the form's fields
 */
export async function upToTheForm(
  { page }: Visit,
  address: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  await page.goto(address);
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.getByRole("button", { name }).click();
  await page.getByRole("button", { name: "Continue" }).waitFor();
  const inputs = await page
    .locator("form input")
    .evaluateAll((fields: HTMLInputElement[]) => fields.map((field) => [field.name, field.value]));
  return Object.fromEntries(inputs);
}

/** Opens a gated address and waits where it ends, without anybody touching anything. */
export async function arrive(page: Page, url: string): Promise<Response> {
  const end = signInEnd(page, new URL(url).origin);
  await page.goto(url, { waitUntil: "commit" });
  const response = await end;
  await page.waitForLoadState();
  return response;
}

/** How often a tab was shown a path. */
export function timesShown(shown: readonly Shown[], path: string): number {
  return shown.filter(({ url }) => url.pathname === path).length;
}

/**
 * Whether a page can't move on by itself: nothing in it runs, and nothing is on its way. What is still there after the
 * network fell silent is what the visitor reads.
 */
export async function staysPut(page: Page): Promise<boolean> {
  await page.waitForLoadState("networkidle");
  const before = page.url();
  const moving = await page.locator('script, meta[http-equiv="refresh" i]').count();
  return moving === 0 && page.url() === before;
}
