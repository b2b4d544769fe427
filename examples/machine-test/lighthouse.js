import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import lighthouse from "lighthouse";
import { chromium } from "playwright-core";

// As in preview.test.js: STORAGE_STATE is the session that the action's `token` made.
const { PREVIEW_URL, STORAGE_STATE, CHROMIUM_PATH, PAGE = "/", LEAST = "0.9" } = process.env;
const where = CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : { channel: "chrome" };

const port = await freePort();
// Lighthouse opens its tab in the browser's own profile, so the session has to be there, and not in a context beside it.
const context = await chromium.launchPersistentContext("", {
  ...where,
  args: [`--remote-debugging-port=${port}`, ...(CHROMIUM_PATH ? ["--no-sandbox"] : [])],
});
try {
  const { cookies } = JSON.parse(await readFile(STORAGE_STATE, "utf8"));
  await context.addCookies(cookies);
  // Without this Lighthouse empties the profile first, and measures the sign-in page.
  const options = { port, disableStorageReset: true, onlyCategories: ["performance", "accessibility"] };
  const { lhr } = await lighthouse(new URL(PAGE, PREVIEW_URL).href, options);
  // A page behind the gate that is not shown is an error here (its status is 401 or 403), not a bad mark.
  if (lhr.runtimeError) throw new Error(`${lhr.runtimeError.code}: ${lhr.runtimeError.message}`);
  for (const { title, score } of Object.values(lhr.categories)) {
    console.log(`${title}: ${score}`);
    if (!(score >= Number(LEAST))) process.exitCode = 1;
  }
} finally {
  await context.close();
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
