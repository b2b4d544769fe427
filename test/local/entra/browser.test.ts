import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../../../local/browser/launch.ts";
import { authorizeUrl, gate, startWorld, type World } from "./support.ts";

let world: World;
let browser: Browser;
let application: Server;
let callback: string;

beforeAll(async () => {
  world = await startWorld();
  browser = await launchBrowser();
  application = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => response.end(`${request.method} ${request.url} ${body}`));
  });
  await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
  callback = `http://sign-in.localhost:${(application.address() as AddressInfo).port}/.auth/callback`;
  const registered = gate(world.entra);
  world.entra.directory.writeApplication(registered.id, {
    ...registered,
    web: { ...registered.web, redirectUris: [callback] },
  });
  world.clock.advance(60_000);
});
afterAll(async () => {
  await browser.close();
  await world.entra.close();
  application.closeAllConnections();
  application.close();
});

it("is operable by keyboard and without script, and signs in once", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(authorizeUrl(world.entra, { redirect_uri: callback }));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${callback}?**`);
  expect(new URL(page.url()).searchParams.get("state")).toBe("a-state");
  await page.goto(authorizeUrl(world.entra, { redirect_uri: callback }));
  expect(page.url()).toContain(`${callback}?code=`);
});

it("posts the answer by script, and by a button where there is none", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(authorizeUrl(world.entra, { redirect_uri: callback, response_mode: "form_post" }));
    await page.getByRole("button", { name: "Otto Outsider", exact: true }).click();
    if (!javaScriptEnabled) await page.getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(callback);
    expect(await page.textContent("body")).toMatch(/^POST \/\.auth\/callback code=.+&state=a-state/);
  }
});
