import { describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import { acceptFields } from "../../../contract/tickets/claims.ts";
import { askDirectly, askWithSession, fromHost, ownTransaction } from "../direct.ts";
import { sessionValue } from "../sessions.ts";
import { arriveAs, newVisit, upToTheForm } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

export function replayed(the: () => BrowserWorld): void {
  describe("a copied ticket or session", () => {
    it("a ticket of another preview, and a session of another preview, are worth nothing here", async () => {
      const { browser, preview, hostile, signInHost, names } = the();
      await using visit = await newVisit(browser, { javaScriptEnabled: false });
      // What the hostile preview's author may learn of whoever opens it: his own preview's ticket and session.
      const form = await upToTheForm(visit, `${hostile}/docs/`, names.reviewer);
      await visit.page.getByRole("button", { name: "Continue" }).click();
      const session = (await sessionValue(visit.context, hostile)) ?? "";
      expect((await askWithSession(`${hostile}/docs/`, session)).status).toBe(200);

      const replayed = await askWithSession(`${preview}/docs/`, session);
      expect([replayed.status, replayed.headers.get(answerHeaders.code)]).toEqual([401, "session-invalid"]);
      // With a transaction of his own at the other preview, and the sign-in host's Origin, as no browser would.
      const { tx, cookie } = await ownTransaction(preview);
      const headers = { ...fromHost(signInHost), cookie };
      const accepted = await askDirectly(preview + siteEndpoints.accept, headers, {
        [acceptFields.ticket]: form[acceptFields.ticket] ?? "",
        [acceptFields.transaction]: tx,
      });
      expect([accepted.status, accepted.headers.get(answerHeaders.code)]).toEqual([400, "ticket-audience"]);
      expect(accepted.headers.getSetCookie()).toEqual([]);
    });

    it("replay: a form that was posted is worth nothing to whoever copied it", async () => {
      const { browser, preview, signInHost, names } = the();
      await using visit = await newVisit(browser);
      let posted = "";
      visit.page.on("request", (request) => {
        if (request.method() === "POST" && request.url() === preview + siteEndpoints.accept)
          posted = request.postData() ?? "";
      });
      await arriveAs(visit, `${preview}/docs/`, names.reviewer);
      const form = Object.fromEntries(new URLSearchParams(posted));
      expect(Object.keys(form).sort()).toEqual([acceptFields.ticket, acceptFields.transaction].sort());

      const copied = await askDirectly(preview + siteEndpoints.accept, fromHost(signInHost), form);
      expect([copied.status, copied.headers.getSetCookie()]).toEqual([303, []]);
      // With a transaction of the thief's own: made for another verifier.
      const { tx, cookie } = await ownTransaction(preview);
      const bound = await askDirectly(
        preview + siteEndpoints.accept,
        { ...fromHost(signInHost), cookie },
        { ...form, [acceptFields.transaction]: tx },
      );
      expect([bound.status, bound.headers.get(answerHeaders.code)]).toEqual([400, "ticket-challenge"]);
      // With the victim's own cookies as they are now: his transaction is used, nothing is set again.
      const jar = (await visit.context.cookies(preview))
        .map(({ name, value }) => `${name}=${value}`)
        .join("; ");
      const again = await askDirectly(
        preview + siteEndpoints.accept,
        { ...fromHost(signInHost), cookie: jar },
        form,
      );
      expect([again.status, again.headers.getSetCookie()]).toEqual([303, []]);
      // As a session, a ticket without its verifier is nothing.
      const bare = await askWithSession(`${preview}/docs/`, `${form[acceptFields.ticket]}.${"A".repeat(43)}`);
      expect([bare.status, bare.headers.get(answerHeaders.code)]).toEqual([401, "session-invalid"]);
    });
  });
}
