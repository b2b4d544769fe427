import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where a Chrome or Chromium of the machine's own may stand, for systems that @sparticuz/chromium isn't built for. */
const installed = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

// Not the package's own arguments: those switch off web security and site isolation, which is what is looked at here.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  // Without these a machine whose network is closed has the browser knock at its maker's hosts all the time.
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Starts the Chromium that comes with npm (Linux), else an installed one. Throws where there is none. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform === "linux") {
    const packaged = await import("@sparticuz/chromium");
    const executablePath = await packaged.default.executablePath();
    return chromium.launch({ executablePath, args, headless: true });
  }
  const executablePath = installed.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error("No Chrome or Chromium found. Install one and try again.");
  return chromium.launch({ executablePath, args, headless: true });
}
