import { describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { watchAudit } from "../audit.ts";
import { askDirectly, navigation } from "../direct.ts";
import { attacks } from "../hostile-site.ts";
import { sessionValue } from "../sessions.ts";
import { arrive, arriveAs, newVisit, type Visit } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** What the hostile preview's pages define; see hostile-site.ts. */
interface HostileWindow extends Window {
  readonly results: Promise<string[]>;
  plant(): void;
  many(count: number): void;
  big(count: number): void;
  clear(): void;
  steal(): string[];
}
declare const window: HostileWindow;

/** A reviewer who is signed in at a preview and opens another one, whose author is an attacker. */
async function lured({ browser, preview, hostile, names }: BrowserWorld, to: string): Promise<Visit> {
  const visit = await newVisit(browser);
  await arriveAs(visit, `${preview}/`, names.reviewer);
  await arrive(visit.page, `${hostile}/`);
  await visit.page.goto(`${hostile}${to}`);
  visit.shown.length = 0;
  return visit;
}

/** The reviewer opens the preview that was attacked; he is still himself there, without signing in again. */
async function expectUnharmed(visit: Visit, { preview, names }: BrowserWorld): Promise<void> {
  visit.shown.length = 0;
  await visit.page.goto(`${preview}/docs/`);
  expect(visit.shown).toMatchObject([{ status: 200 }]);
  await visit.page.locator("#who", { hasText: names.reviewer }).waitFor();
}

export function sibling(the: () => BrowserWorld): void {
  describe("a sibling preview", () => {
    it("embeds nothing of another: scripts, styles, pictures, frames", async () => {
      const { preview, watch } = the();
      await using visit = await lured(the(), "/");
      const { page } = visit;
      const calls = watch(preview);
      const decided = watchAudit(the(), preview);
      await page.goto(`${the().hostile}${attacks.embed}`);
      await page.waitForLoadState("networkidle");
      // The session came along, a sibling being same-site, and did not count.
      const notCounted = [
        siteEndpoints.me,
        "/RELEASE",
        "/about/",
        "/admin/",
        "/docs/",
        "/docs/mooring",
        "/handbook",
        "/images/harbour.png",
        "/script.js",
        "/style.css",
      ];
      await expect
        .poll(() =>
          decided()
            .filter(({ code }) => code === "session-not-counted")
            .map(({ path }) => path)
            .sort(),
        )
        .toEqual(notCounted);
      // A module is asked for by CORS, without cookies; a frame can't begin a sign-in, and the question is no content.
      const others = calls().filter(({ status }) => status !== 401);
      expect(others.map(({ path, status }) => `${path} ${status}`).sort()).toEqual([
        `${siteEndpoints.login} 403`,
        `${siteEndpoints.logout} 200`,
      ]);
      expect(calls().length).toBe(notCounted.length + 1 + others.length);
      expect(calls().filter(({ marked }) => marked)).toEqual([]);
      const frames = await page
        .locator("iframe, object")
        .evaluateAll((elements) => elements.map((element) => (element as HTMLIFrameElement).contentDocument));
      expect(frames).toEqual(frames.map(() => null));
      expect(frames.length).toBe(6);
      expect(await page.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(0);
      await expectUnharmed(visit, the());
    });

    it("asks another for nothing by script: fetch, XHR, events, sockets, beacons", async () => {
      const { preview, watch } = the();
      await using visit = await lured(the(), "/");
      const calls = watch(preview);
      await visit.page.goto(`${the().hostile}${attacks.ask}`);
      const results = await visit.page.evaluate(() => window.results);
      expect(results.length).toBe(13);
      expect(results.filter((result) => result.startsWith("read"))).toEqual([]);
      await expect.poll(() => calls().length).toBeGreaterThanOrEqual(results.length);
      expect(calls().filter(({ status }) => status !== 401 && status !== 403)).toEqual([]);
      const posts = calls().filter(({ method }) => method === "POST");
      expect(posts.map(({ path, status }) => `${path} ${status}`).sort()).toEqual([
        `${siteEndpoints.accept} 403`,
        `${siteEndpoints.logout} 403`,
        "/api/hello 401",
        "/api/hello 401",
      ]);
      // The preflight got no permission, so that the PUT was never sent.
      expect(calls().map(({ method }) => method)).toContain("OPTIONS");
      expect(calls().map(({ method }) => method)).not.toContain("PUT");
      await expectUnharmed(visit, the());
    });

    it("reads nothing of a window that it opens on another", async () => {
      await using visit = await lured(the(), attacks.windows);
      const { page, context } = visit;
      const [opened] = await Promise.all([
        context.waitForEvent("page"),
        page.getByRole("button", { name: "Spy" }).click(),
      ]);
      await opened.locator("#who", { hasText: the().names.reviewer }).waitFor();
      expect(new Set(await page.evaluate(() => window.steal()))).toEqual(new Set(["SecurityError"]));
    });

    it("plants no cookie that another's gate would read, by script or by server", async () => {
      const { preview } = the();
      await using visit = await lured(the(), attacks.cookies);
      const { page, context } = visit;
      const before = await sessionValue(context, preview);
      await page.evaluate(() => window.plant());
      expect(await page.evaluate((path) => fetch(path).then((answer) => answer.text()), attacks.plant)).toBe(
        "planted",
      );
      const planted = (await context.cookies(preview)).filter(({ value }) => value.includes("planted"));
      // The one without the prefix arrived: there was something to be refused.
      expect(planted.map(({ name }) => name)).toEqual(["entra-gate-session"]);
      expect(await sessionValue(context, preview)).toBe(before);
      await expectUnharmed(visit, the());
      // Nor does it take the place of a session where there is none.
      await context.clearCookies({ name: /^__Host-/ });
      const cookie = (await context.cookies(preview)).map(({ name, value }) => `${name}=${value}`).join("; ");
      expect(cookie).toContain("planted");
      expect((await askDirectly(`${preview}/docs/`, { ...navigation, cookie })).status).toBe(401);
    });

    it("fills another's cookies: many change nothing, too many end in an error and not in a page", async () => {
      const { preview, hostile, nonce } = the();
      await using visit = await lured(the(), attacks.cookies);
      const { page, context } = visit;
      await page.evaluate(() => window.many(300));
      expect(await page.evaluate(() => document.cookie)).toContain("many-299");
      await expectUnharmed(visit, the());

      await page.goto(`${hostile}${attacks.cookies}`);
      await page.evaluate(() => window.big(2));
      await expectUnharmed(visit, the());

      await context.clearCookies({ name: /^many-/ });
      await page.goto(`${hostile}${attacks.cookies}`);
      await page.evaluate(() => window.big(40));
      const answer = await page.goto(`${preview}/docs/`, { waitUntil: "commit" });
      expect(answer?.status()).toBeGreaterThanOrEqual(400);
      expect(await page.content()).not.toContain(nonce);
      // Whoever clears the cookies, as browsers let one do for a site, is back where he was.
      await context.clearCookies({ name: /^(many|big)-/ });
      await expectUnharmed(visit, the());
    });

    it("a form that takes the visitor's tab along is refused, on the site and at the sign-in host", async () => {
      const { preview, hostile, signInHost } = the();
      await using visit = await lured(the(), attacks.forms);
      const { page, context, shown } = visit;
      const before = await context.cookies([preview, signInHost]);
      for (const [button, status, code] of [
        ["Berth", 401, "session-not-counted"],
        ["Leave", 403, "logout-origin-foreign"],
        ["Accept", 403, "accept-origin-foreign"],
        ["Leave everything", 403, "host-origin-foreign"],
      ] as const) {
        await page.goto(
          `${hostile}${attacks.forms}#${new URLSearchParams({ ticket: "a.b.c", tx: "x", host: signInHost })}`,
        );
        await page.reload();
        shown.length = 0;
        await page.getByRole("button", { name: button, exact: true }).click();
        await expect
          .poll(() => shown.map((one) => [one.method, one.status, one.code]))
          .toEqual([["POST", status, code]]);
      }
      expect(await context.cookies([preview, signInHost])).toEqual(before);
      await expectUnharmed(visit, the());
    });
  });
}
