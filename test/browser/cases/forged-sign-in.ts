import { describe, expect, it } from "vitest";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { acceptFields } from "../../../contract/tickets/claims.ts";
import { askDirectly, fromHost } from "../direct.ts";
import { attacks } from "../hostile-site.ts";
import { sessionValue } from "../sessions.ts";
import { arrive, arriveAs, newVisit, staysPut, timesShown, upToTheForm } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

export function forgedSignIn(the: () => BrowserWorld): void {
  describe("a forged sign-in", () => {
    it("login CSRF: another's ticket is not taken, whoever posts it", async () => {
      const { browser, preview, hostile, signInHost, names } = the();
      await using attacker = await newVisit(browser, { javaScriptEnabled: false });
      const stolen = await upToTheForm(attacker, `${preview}/docs/`, names.admin);
      expect(Object.keys(stolen).sort()).toEqual([acceptFields.ticket, acceptFields.transaction].sort());

      await using victim = await newVisit(browser);
      await arriveAs(victim, `${hostile}/`, names.reviewer);
      const { page, context, shown } = victim;
      await page.goto(`${hostile}${attacks.forms}#${new URLSearchParams(stolen)}`);
      shown.length = 0;
      await page.getByRole("button", { name: "Accept" }).click();
      await expect.poll(() => shown.map(({ code }) => code)).toEqual(["accept-origin-foreign"]);
      expect(await sessionValue(context, preview)).toBeUndefined();

      // Even the sign-in host's own page can't: the victim's browser has no such transaction.
      const answer = await askDirectly(preview + siteEndpoints.accept, fromHost(signInHost), stolen);
      expect([answer.status, answer.headers.get("location")]).toEqual([
        303,
        `${siteEndpoints.accept}?done=lost`,
      ]);
      expect(answer.headers.getSetCookie()).toEqual([]);
      // The ticket was good: its own browser gets in with it.
      await attacker.page.getByRole("button", { name: "Continue" }).click();
      await attacker.page.getByRole("link", { name: "Continue" }).click();
      expect(attacker.shown.at(-1)).toMatchObject({ status: 200 });
    });

    it("a link with another's transaction signs the victim in as nobody and nowhere", async () => {
      const { browser, preview, hostile, names } = the();
      await using attacker = await newVisit(browser, { javaScriptEnabled: false });
      await upToTheForm(attacker, `${preview}/docs/`, names.admin);
      const lure = attacker.shown.find(({ url }) => url.pathname === hostEndpoints.authorize)?.url.href ?? "";
      expect(lure).not.toBe("");

      await using victim = await newVisit(browser);
      await arriveAs(victim, `${hostile}/`, names.reviewer);
      const { page, context, shown } = victim;
      const follow = async () => {
        await page.goto("about:blank");
        await page.goto(`${hostile}${attacks.forms}#${new URLSearchParams({ lure })}`);
        shown.length = 0;
        await page.getByRole("link", { name: "Lure" }).click();
      };
      await follow();
      await page.getByRole("heading", { name: "Sign-in was not finished" }).waitFor();
      expect(shown.at(-1)).toMatchObject({ status: 400, code: "accept-transaction-missing" });
      expect(await sessionValue(context, preview)).toBeUndefined();
      expect(await staysPut(page)).toBe(true);
      expect(timesShown(shown, hostEndpoints.authorize)).toBe(1);

      // Somebody who is signed in already stays who he is.
      await arrive(page, `${preview}/docs/`);
      const before = await sessionValue(context, preview);
      await follow();
      await page.locator("#who", { hasText: names.reviewer }).waitFor();
      expect(page.url()).toBe(`${preview}/`);
      expect(await sessionValue(context, preview)).toBe(before);
    });

    it("GHSA-x445-f3h2-j279: Entra's answer to another's browser is not redeemed", async () => {
      const { browser, preview, signInHost, names, world, watch } = the();
      await using attacker = await newVisit(browser);
      let answered = "";
      attacker.page.on("request", (request) => {
        if (request.url().startsWith(signInHost + hostEndpoints.callback)) answered = request.url();
      });
      await attacker.page.goto(`${preview}/`, { waitUntil: "commit" });
      // He keeps the answer to himself: his own browser doesn't get to redeem it.
      world.faults.add({
        service: "site",
        path: /^\/\.auth\/callback$/,
        times: 1,
        what: { kind: "answer", status: 503, body: "{}" },
      });
      await attacker.page.getByRole("button", { name: names.admin }).click();
      await expect.poll(() => answered).not.toBe("");

      await using victim = await newVisit(browser);
      const toEntra = watch(world.entra.authority);
      await victim.page.goto(answered);
      expect(victim.shown).toMatchObject([{ status: 400, code: "callback-transaction-missing" }]);
      expect(toEntra()).toEqual([]);
      expect((await victim.context.cookies()).map(({ name }) => name)).toEqual([]);
      expect(await staysPut(victim.page)).toBe(true);
    });

    it("a preview that asks for a ticket for another origin gets none", async () => {
      const { browser, hostile, signInHost, names, watch } = the();
      await using visit = await newVisit(browser);
      await arriveAs(visit, `${hostile}/`, names.reviewer);
      const asked =
        visit.shown.find(({ url }) => url.pathname === hostEndpoints.authorize)?.url ?? new URL(signInHost);
      const { port } = asked;
      const atHost = watch(signInHost);
      for (const origin of [
        "https://evil.example",
        `http://pr-2.harbour.localhost.evil.localhost:${port}`,
        `http://pr-2-harbour.localhost:${port}`,
        `http://pr-2.evil.harbour.localhost:${port}`,
        signInHost,
        "null",
      ]) {
        const url = new URL(asked);
        url.searchParams.set("origin", origin);
        visit.shown.length = 0;
        await visit.page.goto(url.href);
        expect([origin, visit.shown.at(-1)?.code]).toEqual([
          origin,
          origin === "null" ? "authorize-parameters-invalid" : "site-unknown",
        ]);
        expect(await visit.page.locator("form").count()).toBe(0);
      }
      // A script and a frame get nothing either, whatever they ask for.
      await visit.page.goto(`${hostile}/`);
      const inFrame = await visit.page.evaluate(async (address) => {
        const frame = document.createElement("iframe");
        frame.src = address;
        const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
        document.body.append(frame);
        await loaded;
        const fetched = await fetch(address, { credentials: "include", mode: "no-cors" }).then(
          ({ type }) => type,
          () => "failed",
        );
        return [frame.contentDocument, fetched];
      }, asked.href);
      expect(inFrame).toEqual([null, "failed"]);
      expect(atHost().filter(({ status }) => status < 400)).toEqual([]);
    });
  });
}
