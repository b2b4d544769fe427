import { describe, expect, it } from "vitest";
import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import { faultsOf } from "../axe.ts";
import { arriveAs, newVisit, type Visit } from "../visits.ts";
import type { BrowserWorld } from "../world.ts";

/** Each page of the gate's own, how to come there and what it is answered with. */
const pages: Readonly<
  Record<
    string,
    { status: number; code?: string; script?: false; open(visit: Visit, the: BrowserWorld): Promise<unknown> }
  >
> = {
  "the 401 page": {
    status: 401,
    code: "sign-in-required",
    script: false,
    open: ({ page }, { preview }) => page.goto(`${preview}/docs/`),
  },
  "the site's 403 page": {
    status: 403,
    code: "not-admitted",
    open: (visit, { preview, names }) => arriveAs(visit, `${preview}/admin/`, names.reviewer),
  },
  "the site's 404 page": {
    status: 404,
    code: "auth-path-unknown",
    open: ({ page }, { preview }) => page.goto(`${preview}/.auth/nothing`),
  },
  "the site's 400 page": {
    status: 400,
    code: "path-ambiguous",
    open: ({ page }, { preview }) => page.goto(`${preview}/docs%2Fmooring`),
  },
  "the site's explanation": {
    status: 400,
    code: "accept-transaction-missing",
    open: ({ page }, { preview }) => page.goto(`${preview}${siteEndpoints.accept}?done=lost`),
  },
  "the page after signing in": {
    status: 200,
    script: false,
    open: async ({ page }, { preview, names }) => {
      await page.goto(`${preview}/`);
      await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
      await page.getByRole("button", { name: names.reviewer }).click();
      await page.getByRole("button", { name: "Continue" }).click();
    },
  },
  "the site's question before signing out": {
    status: 200,
    open: ({ page }, { preview }) => page.goto(preview + siteEndpoints.logout),
  },
  "signed out of the site": {
    status: 200,
    open: ({ page }, { preview }) => page.goto(preview + siteEndpoints.signedOut),
  },
  "the sign-in host on its way to the site": {
    status: 200,
    script: false,
    open: async ({ page }, { preview, names }) => {
      await page.goto(`${preview}/`);
      await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
      await page.getByRole("button", { name: names.reviewer }).click();
    },
  },
  "the sign-in host's 403 page": {
    status: 403,
    open: (visit, { preview, names }) => arriveAs(visit, `${preview}/docs/`, names.outsider),
  },
  "the sign-in host's 503 page": {
    status: 503,
    code: "entra-unavailable",
    open: async (visit, { preview, names, world }) => {
      world.faults.add({
        service: "entra",
        path: /\/token$/,
        what: { kind: "answer", status: 503, body: "{}" },
      });
      await arriveAs(visit, `${preview}/docs/`, names.reviewer).finally(() => world.faults.clear());
    },
  },
  "the sign-in host's explanation": {
    status: 400,
    code: "callback-transaction-missing",
    open: ({ page }, { signInHost }) =>
      page.goto(`${signInHost}${hostEndpoints.callback}?code=x&state=00toypxbvgd95uaaaa.${"A".repeat(43)}`),
  },
  "the sign-in host's 404 page": {
    status: 404,
    code: "host-path-unknown",
    open: ({ page }, { signInHost }) => page.goto(`${signInHost}/`),
  },
  "the sign-in host's question before signing out": {
    status: 200,
    open: ({ page }, { signInHost }) => page.goto(signInHost + hostEndpoints.logout),
  },
  "signed out of the sign-in host": {
    status: 200,
    open: ({ page }, { signInHost }) => page.goto(signInHost + hostEndpoints.signedOut),
  },
};

/** What a browser of that language asks for, and what it is answered in. */
const wishes = [
  ["de-AT", "de", "Mit Microsoft anmelden"],
  ["fr-CA", "fr", "Se connecter avec Microsoft"],
  ["es-MX", "es", "Iniciar sesión con Microsoft"],
  ["ja-JP", "ja", "Microsoft でサインイン"],
  ["pt-BR", "pt", "Entrar com a Microsoft"],
  ["nl-NL", "en", "Sign in with Microsoft"],
] as const;

export function readable(the: () => BrowserWorld): void {
  describe("in the visitor's own language", () => {
    for (const [locale, language, label] of wishes) {
      it(`${locale}: ${language}`, async () => {
        const { browser, preview } = the();
        await using visit = await newVisit(browser, { locale, javaScriptEnabled: false });
        const { page } = visit;
        const answer = await page.goto(`${preview}/docs/`);
        await page.getByRole("link", { name: label, exact: true }).waitFor();
        expect(await page.locator("html").getAttribute("lang")).toBe(language);
        expect(answer?.headers()).toMatchObject({
          "content-language": language,
          vary: "Accept-Language",
          [answerHeaders.code]: "sign-in-required",
        });
        await using copy = await newVisit(browser);
        await copy.page.setContent((await page.content()).replace(/<script.*<\/script>/s, ""));
        expect(await faultsOf(copy.page)).toEqual([]);
      });
    }
  });

  describe("readable by everybody, light and dark, on a telephone", () => {
    for (const [name, { status, code, script, open }] of Object.entries(pages)) {
      it(name, async () => {
        const { browser } = the();
        await using visit = await newVisit(browser, script === false ? { javaScriptEnabled: false } : {});
        await open(visit, the());
        await visit.page.waitForLoadState("networkidle");
        expect(visit.shown.at(-1)?.status).toBe(status);
        if (code !== undefined) expect(visit.shown.at(-1)?.code).toBe(code);
        if (script !== false) return expect(await faultsOf(visit.page)).toEqual([]);
        // These go on by script at once, and axe is one: it looks at a copy that stands still.
        await using copy = await newVisit(browser);
        await copy.page.setContent((await visit.page.content()).replace(/<script.*<\/script>/s, ""));
        expect(await faultsOf(copy.page)).toEqual([]);
      });
    }
  });
}
