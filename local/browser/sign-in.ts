import type { Browser, BrowserContext, Page, Response } from "playwright-core";

export interface SignIn {
  /** Status of the page on which it ended. */
  readonly status: number;
  /** Where it ended. */
  readonly url: string;
  readonly page: Page;
  readonly context: BrowserContext;
}

/** How long a person would wait for a sign-in to end somewhere. */
const patience = 20_000;

/**
 * Opens a gated address in a new browser profile and signs in at Entra as that person.
 *
 * @param name as on the button of Entra's page: `Rita Reviewer`
 * @returns where it ended: the page that was asked for, or a refusal; the context is the caller's to close
 */
export async function signIn(browser: Browser, url: string, name: string): Promise<SignIn> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const response = await signInOn(page, url, name);
  return { status: response.status(), url: page.url(), page, context };
}

/**
 * Opens a gated address in a tab and signs in at Entra as that person.
 *
 * @returns the document that it ended with; the tab has loaded it
 */
export async function signInOn(page: Page, url: string, name: string): Promise<Response> {
  const end = signInEnd(page, new URL(url).origin);
  await page.goto(url, { waitUntil: "commit" });
  await page.getByRole("button", { name }).click({ timeout: patience });
  const response = await end;
  await page.waitForLoadState();
  return response;
}

/**
 * The document with which a sign-in ends: one of the site outside the gate's endpoints that isn't the 401 page, or a
 * refusal or fault of the gate on either side.
 */
export async function signInEnd(page: Page, siteOrigin: string): Promise<Response> {
  return page.waitForResponse(
    (response) => {
      if (response.request().resourceType() !== "document" || response.frame() !== page.mainFrame())
        return false;
      const url = new URL(response.url());
      const status = response.status();
      if (url.pathname.startsWith("/.auth/")) return status >= 400;
      return url.origin === siteOrigin && status !== 401 && (status < 300 || status >= 400);
    },
    { timeout: patience },
  );
}
