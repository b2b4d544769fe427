import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

// STORAGE_STATE is what the action's `token` wrote: a session at this one preview. It is no header that the browser
// would also send to whatever else a page loads from.
const { PREVIEW_URL, STORAGE_STATE, CHROMIUM_PATH } = process.env;
// GitHub's runners have Chrome.
const where = CHROMIUM_PATH
  ? { executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] }
  : { channel: "chrome" };

let browser;
let page;
before(async () => {
  browser = await chromium.launch(where);
  const context = await browser.newContext({ baseURL: PREVIEW_URL, storageState: STORAGE_STATE });
  page = await context.newPage();
});
after(() => browser?.close());

test("the start page is the site's own", async () => {
  const answer = await page.goto("/");
  assert.equal(answer.status(), 200);
  assert.equal(await page.locator("h1").count(), 1);
});

test("what the policy keeps from the test application stays closed", async () => {
  const answer = await page.goto("/admin/");
  assert.equal(answer.status(), 403);
});
