import { beforeEach, describe, expect, test } from "vitest";
import type { Browser } from "../host/support/world.ts";
import {
  browserIn,
  codeOf,
  createWorld,
  destination,
  land,
  loginUrl,
  origin,
  type StandaloneWorld,
  sessionName,
} from "./support.ts";

let world: StandaloneWorld;
let browser: Browser;
let callback: URL;
beforeEach(async () => {
  world = await createWorld();
  browser = browserIn(world);
  const asked = await browser.visit(loginUrl());
  callback = world.provider.authorize(asked.headers.get("location") ?? "");
});

const withParameters = (change: Record<string, string | undefined>) => {
  const url = new URL(callback);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url;
};
const stateOf = () => callback.searchParams.get("state") ?? "";
const end = async (url: string | URL, by = browser) => destination(await land(by, await by.visit(url)));
const untouched = () => expect(world.provider.requests.length).toBe(0);

describe("state", () => {
  test.each([undefined, "", "null", ".", "a.b"])(
    "absent or empty fails closed, before anything else (CVE-2026-81888): %j",
    async (state) => {
      expect(await end(withParameters({ state }))).toBe("callback-state-missing");
      untouched();
    },
  );

  test("of another browser is worth nothing here: login CSRF", async () => {
    const victim = browserIn(world);
    expect(await end(callback, victim)).toBe("accept-transaction-missing");
    await victim.visit(loginUrl());
    expect(await end(callback, victim)).toBe("accept-transaction-missing");
    expect(victim.cookies.has(sessionName)).toBe(false);
    untouched();
  });

  test("with this browser's id but another secret is refused, and the sign-in under way goes on", async () => {
    const [id = ""] = stateOf().split(".");
    const state = `${id}.${"A".repeat(43)}`;
    expect(await end(withParameters({ state, error: "access_denied" }))).toBe("callback-state-mismatch");
    untouched();
    expect(await end(callback)).toBe("/docs?x=1");
  });
});

describe("a transaction", () => {
  test("serves once: a reload or Back finds the way to the page, without Entra", async () => {
    expect(await end(callback)).toBe("/docs?x=1");
    const session = browser.cookies.get(sessionName);
    expect(await end(callback)).toBe("/docs?x=1");
    expect([world.provider.requests.length, browser.cookies.get(sessionName)]).toEqual([1, session]);
  });

  test("lives ten minutes", async () => {
    world.clock.now += 600_000;
    expect(await end(callback)).toBe("accept-transaction-missing");
    untouched();
  });

  test("lost while there is a session all the same is no error", async () => {
    await browser.signIn(loginUrl());
    for (const name of browser.cookies.keys()) if (name !== sessionName) browser.cookies.delete(name);
    expect(await end(callback)).toBe("/");
  });

  test("moved under another one's name, or sent twice, is none", async () => {
    const second = await browser.visit(loginUrl("/two"));
    const [first = "", other = ""] = [...browser.cookies.keys()];
    browser.cookies.set(first, browser.cookies.get(other) ?? "");
    expect(await end(callback)).toBe("accept-transaction-missing");
    browser.cookies.set(other, `${browser.cookies.get(other)}; ${other}=planted`);
    const url = world.provider.authorize(second.headers.get("location") ?? "");
    expect(await end(url)).toBe("accept-transaction-missing");
    untouched();
  });

  test("four at most are under way; the oldest gives way", async () => {
    for (let count = 0; count < 6; count++) {
      world.clock.now += 1000;
      await browser.visit(loginUrl(`/${count}`));
    }
    expect(browser.cookies.size).toBe(4);
    expect(await end(callback)).toBe("accept-transaction-missing");
  });
});

describe("what comes with the state", () => {
  test.each([
    ["access_denied", "entra-access-denied", 403],
    ["interaction_required", "entra-interaction-required", 403],
    ["invalid_request", "entra-request-refused", 503],
    ["server_error", "entra-unavailable", 503],
    ["__proto__", "entra-error-unknown", 503],
  ])(
    "error %s is %s, with a link and no script; its description is shown nowhere",
    async (error, code, status) => {
      const url = withParameters({ error, error_description: "AADSTS50105 call 0900-evil" });
      const answer = await browser.visit(url);
      expect([answer.status, codeOf(answer)]).toEqual([status, code]);
      const html = await answer.text();
      expect(html + world.log.join()).not.toContain("0900-evil");
      expect(html).toContain("/.auth/login?return_to=%2Fdocs%3Fx%3D1");
      expect(html).not.toContain("<script");
      expect(html.includes("ask=account")).toBe(status === 403);
      expect(browser.cookies.size).toBe(0);
      untouched();
    },
  );

  test("no code, another iss, or a parameter twice", async () => {
    expect(await end(withParameters({ code: undefined }))).toBe("callback-parameters-invalid");
    const doubled = new URL(callback);
    doubled.searchParams.append("code", "x");
    expect(await end(doubled)).toBe("callback-parameters-invalid");
    browser = browserIn(world);
    const asked = await browser.visit(loginUrl());
    callback = world.provider.authorize(asked.headers.get("location") ?? "");
    expect(await end(withParameters({ iss: "https://login.evil.example" }))).toBe("callback-issuer-wrong");
    untouched();
  });
});

test.each([
  [{ "sec-fetch-dest": "iframe" }, "GET", "host-not-navigation"],
  [{ "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, "GET", "host-not-navigation"],
  [{}, "HEAD", "host-method-refused"],
  [{}, "POST", "site-method-refused"],
])("only a tab's own GET may finish a sign-in: %j %s", async (headers, method, code) => {
  expect(codeOf(await browser.visit(callback, { headers, method }))).toBe(code);
  untouched();
});

test("a ticket is taken by nobody here", async () => {
  const posted = await browser.visit(`${origin}/.auth/accept`, {
    method: "POST",
    headers: { origin, "content-type": "application/x-www-form-urlencoded" },
    body: "ticket=a.b.c&tx=x",
  });
  expect(codeOf(posted)).toBe("site-method-refused");
  for (const path of ["authorize", "jwks"])
    expect(codeOf(await browser.visit(`${origin}/.auth/${path}`))).toBe("auth-path-unknown");
});
