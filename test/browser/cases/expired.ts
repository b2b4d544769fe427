import { describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { sessionValue, shortenSession } from "../sessions.ts";
import { arrive, arriveAs, newVisit, timesShown, type Visit } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** Asks for the greeting by script until the session is over, and tells how that was told. */
async function untilExpired({ page }: Visit) {
  const ask = () =>
    page.evaluate(async () => {
      const { status, redirected, headers, text } = await fetch("/api/hello").then(async (answer) => ({
        status: answer.status,
        redirected: answer.redirected,
        headers: Object.fromEntries(answer.headers),
        text: await answer.text(),
      }));
      return { status, redirected, type: headers["content-type"], location: headers["location"], text };
    });
  expect((await ask()).status).toBe(200);
  await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(401);
  return ask();
}

export function expired(the: () => BrowserWorld): void {
  describe("a session that ends while a page is open", () => {
    it("oauth2-proxy#1522: a fetch gets 401 JSON, a POST too and stays one; the next page renews it unseen", async () => {
      const { browser, preview, names, world, watch } = the();
      await using visit = await newVisit(browser);
      const { page, context, shown } = visit;
      await arriveAs(visit, `${preview}/`, names.reviewer);
      await page.locator("#who", { hasText: names.reviewer }).waitFor();
      const old = await shortenSession(world, context, preview, 3);

      const fetched = await untilExpired(visit);
      expect(fetched).toMatchObject({
        status: 401,
        redirected: false,
        type: "application/json; charset=utf-8",
      });
      expect(fetched.location).toBeUndefined();
      expect(JSON.parse(fetched.text)).toMatchObject({ error: "session-expired" });

      // mod_auth_openidc#165: what was typed into a form is not turned into a page without it.
      const calls = watch(preview);
      const posted = await page.evaluate(async () => {
        const answer = await fetch("/api/hello", {
          method: "POST",
          body: new URLSearchParams({ berth: "7" }),
        });
        return { status: answer.status, redirected: answer.redirected, body: await answer.json() };
      });
      expect(posted).toMatchObject({ status: 401, redirected: false, body: { error: "session-expired" } });
      shown.length = 0;
      await page.evaluate(() => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = "/api/hello";
        document.body.append(form);
        form.submit();
      });
      await expect
        .poll(() => shown.map((one) => [one.method, one.status, one.code]))
        .toEqual([["POST", 401, "session-expired"]]);
      await page.waitForLoadState("networkidle");
      expect(calls().map(({ method, path, status }) => [method, path, status])).toEqual([
        ["POST", "/api/hello", 401],
        ["POST", "/api/hello", 401],
      ]);

      const toEntra = watch(world.entra.authority);
      shown.length = 0;
      expect((await arrive(page, `${preview}/docs/mooring?x=1#arrivals`)).status()).toBe(200);
      expect(page.url()).toBe(`${preview}/docs/mooring?x=1#arrivals`);
      expect(shown[0]).toMatchObject({ status: 401, code: "session-expired" });
      expect(timesShown(shown, siteEndpoints.login)).toBe(1);
      expect(toEntra()).toEqual([]);
      expect(await sessionValue(context, preview)).not.toBe(old);
      await page.locator("#who", { hasText: names.reviewer }).waitFor();
    });

    it("where the sign-in host forgot him too, Entra's session renews both without a page of its own", async () => {
      const { browser, preview, signInHost, names, world } = the();
      await using visit = await newVisit(browser);
      const { page, context, shown } = visit;
      await arriveAs(visit, `${preview}/`, names.reviewer);
      await context.clearCookies({ domain: new URL(signInHost).hostname });
      await context.clearCookies({ domain: new URL(preview).hostname });
      shown.length = 0;
      expect((await arrive(page, `${preview}/about/#people`)).status()).toBe(200);
      expect(page.url()).toBe(`${preview}/about/#people`);
      const atEntra = shown.filter(({ url }) => url.origin === world.entra.authority);
      expect(atEntra.map(({ status }) => status >= 300 && status < 400)).toEqual([true]);
    });
  });
}
