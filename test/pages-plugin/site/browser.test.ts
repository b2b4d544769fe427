import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../local/browser/launch.ts";
import { type BrowserWorld, startBrowserWorld } from "./browser-world.ts";
import { reviewers } from "./support.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let context: BrowserContext;
let page: Page;
let world: BrowserWorld;

beforeAll(async () => {
  browser = await launchBrowser();
});

beforeEach(async () => {
  world = await startBrowserWorld([reviewers]);
  context = await browser.newContext();
  page = await context.newPage();
});

afterEach(async () => {
  await context.close();
  await world.close();
});

afterAll(() => browser?.close());

const heading = (text: string) => page.getByRole("heading", { name: text });

/** What axe finds wrong with a page, by rule. */
async function faults(): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }
    ).axe.run();
    return violations.map(({ id }) => id);
  });
}

describe("in a browser", () => {
  it("oauth2-proxy#2068: a deep link arrives, fragment and all", async () => {
    await page.goto(`${world.site}/docs/page?x=1#part-2`, { waitUntil: "commit" });
    await heading("content of /docs/page?x=1").waitFor();
    expect(page.url()).toBe(`${world.site}/docs/page?x=1#part-2`);
    expect(world.authorizations).toBe(1);
    // Somewhere else, the kept fragment is gone.
    await page.goto(`${world.site}/other`);
    expect(page.url()).toBe(`${world.site}/other`);
  });

  it("two tabs that sign in at once both arrive", async () => {
    const other = await context.newPage();
    await Promise.all([
      page.goto(`${world.site}/one#a`, { waitUntil: "commit" }),
      other.goto(`${world.site}/two#b`, { waitUntil: "commit" }),
    ]);
    await heading("content of /one").waitFor();
    await other.getByRole("heading", { name: "content of /two" }).waitFor();
    expect([page.url(), other.url()]).toEqual([`${world.site}/one#a`, `${world.site}/two#b`]);
  });

  it("Back after sign-out shows nothing from the cache", async () => {
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("content of /docs").waitFor();
    await page.goto(`${world.site}/.auth/logout`);
    world.hostSession = false;
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("You are signed out").waitFor();
    for (let steps = 0; steps < 2; steps++) {
      await page.goBack({ waitUntil: "commit" });
      await page.waitForLoadState();
      expect(await page.content()).not.toContain("content of");
    }
    await heading("Choose an account").waitFor();
    expect((await context.cookies(world.site)).map(({ name }) => name)).not.toContain(
      "__Host-entra-gate-session",
    );
  });

  it("Back into the used form goes on to the page, without a loop", async () => {
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("content of /docs").waitFor();
    await page.goto(`${world.site}/next`);
    await page.goBack();
    await heading("content of /docs").waitFor();
    expect(world.authorizations).toBe(1);
  });

  it("a cookie that doesn't stay ends with an explanation", async () => {
    world.setCookieFilter = (line) => !line.startsWith("__Host-entra-gate-session=");
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("Sign-in was not finished").waitFor();
    expect(await page.content()).toContain("cookie");
    expect(world.authorizations).toBe(1);
    expect(await faults()).toEqual([]);
  });

  it("a session that doesn't help is tried twice a minute and not more", async () => {
    world.cookieFilter = (path, cookie) => (path.startsWith("/.auth/") ? cookie : "");
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await expect.poll(() => world.authorizations, { timeout: 10_000 }).toBe(2);
    await heading("Sign in to see this page").waitFor();
    await page.waitForLoadState("networkidle");
    expect([world.authorizations, page.url()]).toEqual([2, `${world.site}/docs`]);
    expect(await faults()).toEqual([]);
  });

  it("without script there is a link, and a button, and a link", async () => {
    await context.close();
    context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    await page.goto(`${world.site}/docs?x=1`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("link", { name: "Continue" }).click();
    await heading("content of /docs?x=1").waitFor();
  });

  it("an outsider reads why, fits on a telephone, and can use another account", async () => {
    world.groups = [];
    await page.setViewportSize({ width: 320, height: 600 });
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("You have no access to this page").waitFor();
    expect(await page.getByRole("definition").allTextContents()).toContain("reviewers");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(await faults()).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faults()).toEqual([]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("You are signed out").waitFor();
    expect(await faults()).toEqual([]);
  });

  it("a sibling preview's attempts reach nothing with the visitor's session", async () => {
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("content of /docs").waitFor();
    const session = (await context.cookies(world.site)).find(
      ({ name }) => name === "__Host-entra-gate-session",
    );
    world.reached.length = 0;
    const { site } = world;
    world.siblingPage = `
      <script src="${site}/script"></script><img src="${site}/image" alt=""><iframe src="${site}/frame"></iframe>
      <form id="f" method="post" action="${site}/form" target="i"></form><iframe name="i"></iframe>
      <form id="g" method="post" action="${site}/.auth/logout" target="j"></form><iframe name="j"></iframe>
      <form id="h" method="post" action="${site}/.auth/accept" target="k"><input name="ticket" value="a.b.c"><input name="tx" value="x"></form><iframe name="k"></iframe>
      <script>
        document.cookie = "__Host-entra-gate-session=planted; Path=/; Secure; Domain=demo.localhost";
        document.cookie = "__Host-entra-gate-session=planted; Path=/docs; Secure";
        for (const id of ["f", "g", "h"]) document.getElementById(id).submit();
        const tries = ["no-cors", "cors"].flatMap((mode) => ["GET", "POST"].map((method) =>
          fetch("${site}/" + mode, { mode, method, credentials: "include" }).catch(() => 0)));
        Promise.all(tries).then(() => { document.title = "tried"; });
      </script>`;
    await page.goto(world.sibling);
    await page.waitForFunction(() => document.title === "tried");
    await page.waitForLoadState("networkidle");
    expect(world.reached).toEqual([]);
    const after = (await context.cookies(world.site)).find(
      ({ name }) => name === "__Host-entra-gate-session",
    );
    expect(after?.value).toBe(session?.value);
    await page.goto(`${world.site}/docs`);
    expect(world.reached).toEqual(["GET /docs as Rita Reviewer"]);
  });

  it("a form on a sibling that opens the site in its own tab changes nothing, a link works", async () => {
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("content of /docs").waitFor();
    world.reached.length = 0;
    world.siblingPage = `<form method="post" action="${world.site}/delete"><button>Go</button></form><a href="${world.site}/linked">Link</a>`;
    await page.goto(world.sibling);
    await page.getByRole("button").click();
    await page.waitForURL(`${world.site}/delete`);
    expect(world.reached).toEqual([]);
    await page.goto(world.sibling);
    await page.getByRole("link").click();
    await heading("content of /linked").waitFor();
    expect(world.reached).toEqual(["GET /linked as Rita Reviewer"]);
  });

  it("cors: a listed origin's script reads as the visitor, and why it is refused; another reads nothing", async () => {
    world.siblingPage = `<script>
      const put = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };
      const tried = async (path, init) => {
        try {
          const answer = await fetch("${world.site}" + path, { credentials: "include", ...init });
          return answer.status + " " + (answer.ok ? "" : (await answer.json()).error);
        } catch { return "no answer"; }
      };
      const all = [tried("/api/x"), tried("/api/x", put), tried("/api/x", { method: "DELETE" }), tried("/docs")];
      Promise.all(all).then((said) => { document.title = said.join(", "); });
    </script>`;
    const saidAt = async (origin: string) => {
      await page.goto(origin);
      await page.waitForFunction(() => document.title !== "Sibling");
      return page.title();
    };
    expect(await saidAt(world.sibling)).toBe(
      "401 sign-in-required, 401 sign-in-required, no answer, no answer",
    );
    await page.goto(`${world.site}/docs`, { waitUntil: "commit" });
    await heading("content of /docs").waitFor();
    world.reached.length = 0;
    expect(await saidAt(world.sibling)).toBe("200 , 200 , no answer, no answer");
    expect(world.reached.toSorted()).toEqual(["GET /api/x as Rita Reviewer", "PUT /api/x as Rita Reviewer"]);
    expect(await saidAt(world.unlisted)).toBe("no answer, no answer, no answer, no answer");
    expect(world.reached).toHaveLength(2);
  });
});
