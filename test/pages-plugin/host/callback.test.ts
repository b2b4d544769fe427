import { beforeEach, describe, expect, test } from "vitest";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  formOf,
  hostOrigin,
  site,
  type World,
} from "./support/world.ts";

let world: World;
let browser: Browser;
let callback: URL;

beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
  const response = await browser.visit(await authorizeUrl());
  callback = world.provider.authorize(response.headers.get("location") ?? "");
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
const transactionCookie = () =>
  [...browser.cookies].find(([name]) => name.includes("-htx-")) as [string, string];

describe("state", () => {
  test.each([undefined, "", "null", "undefined", ".", "a.b"])(
    "absent or empty fails closed, before anything else (CVE-2026-81888): %j",
    async (state) => {
      expect(codeOf(await browser.visit(withParameters({ state })))).toBe("callback-state-missing");
      expect(world.provider.requests.length).toBe(0);
    },
  );

  test("absent from both sides is not equal", async () => {
    browser.cookies.clear();
    expect(codeOf(await browser.visit(withParameters({ state: undefined })))).toBe("callback-state-missing");
  });

  test("of another browser is worth nothing here (GHSA-x445-f3h2-j279, GHSA-wxw3-q3m9-c3jr)", async () => {
    const victim = new Browser(world);
    expect(codeOf(await victim.visit(callback))).toBe("callback-transaction-missing");
    await victim.visit(await authorizeUrl());
    expect(codeOf(await victim.visit(callback))).toBe("callback-transaction-missing");
    expect(world.provider.requests.length).toBe(0);
  });

  test("with this browser's id but another secret is refused, and the sign-in under way goes on", async () => {
    const [id = ""] = stateOf().split(".");
    const forged = withParameters({ state: `${id}.${"A".repeat(43)}` });
    expect(codeOf(await browser.visit(forged))).toBe("callback-state-mismatch");
    expect(world.provider.requests.length).toBe(0);
    expect(await formOf(await browser.visit(callback))).toBeDefined();
  });

  test("is compared before error is believed", async () => {
    const [id = ""] = stateOf().split(".");
    const url = withParameters({ state: `${id}.${"A".repeat(43)}`, error: "access_denied" });
    expect(codeOf(await browser.visit(url))).toBe("callback-state-mismatch");
  });

  const lost = async (state: string) => {
    const answer = await new Browser(world).visit(withParameters({ state }));
    expect(codeOf(answer)).toBe("callback-transaction-missing");
    expect(answer.headers.get("location")).toBeNull();
    return answer.text();
  };

  test("shows a browser that kept no transaction the way back to the site", async () => {
    expect(await lost(stateOf())).toContain(`<a href="${site}/">`);
  });

  test.each([
    "https://evil.example",
    "http://abc123.demo.localhost.evil.localhost:8788",
    "http://a.b.demo.localhost:8788",
    `${site}@evil.example`,
    `${site}/.auth/logout`,
    "javascript:alert(1)",
    hostOrigin,
    "",
  ])("leads to no other address, whatever it names: %s", async (address) => {
    const [id, random] = stateOf().split(".");
    const named = Buffer.from(address).toString("base64url");
    for (const state of [`${id}.${random}.${named || "A"}`, `${id}.${random}`])
      expect(await lost(state)).not.toContain("href");
  });

  test("names no site while the sites can't be read", async () => {
    world.rows = new Error("down");
    world.restart();
    expect(await lost(stateOf())).not.toContain("href");
  });
});

describe("a transaction", () => {
  test("serves once: a second callback, a reload or Back is explained and loops nowhere", async () => {
    expect(await formOf(await browser.visit(callback))).toBeDefined();
    const again = await browser.visit(callback);
    expect(codeOf(again)).toBe("callback-transaction-missing");
    expect(again.headers.has("location")).toBe(false);
    expect(world.provider.requests.length).toBe(1);
  });

  test("lives ten minutes", async () => {
    world.clock.now += 600_000;
    expect(codeOf(await browser.visit(callback))).toBe("callback-transaction-missing");
  });

  test("moved under another one's name is none", async () => {
    const second = await browser.visit(await authorizeUrl({ tx: "tx2" }));
    const other = world.provider.authorize(second.headers.get("location") ?? "");
    const [first] = [...browser.cookies.keys()];
    const [, planted] = [...browser.cookies.values()];
    browser.cookies.set(first ?? "", planted ?? "");
    expect(codeOf(await browser.visit(callback))).toBe("callback-transaction-missing");
    expect(await formOf(await browser.visit(other))).toBeDefined();
  });

  test("sent twice under one name is none", async () => {
    const [name, value] = transactionCookie();
    browser.cookies.set(name, `${value}; ${name}=planted`);
    expect(codeOf(await browser.visit(callback))).toBe("callback-transaction-missing");
  });

  test("put into the session's cookie is no session (CVE-2026-114607, CVE-2024-47616)", async () => {
    const [, value] = transactionCookie();
    browser.cookies.set("__Host-entra-gate-host", value);
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
  });

  test("made of the session's cookie is none", async () => {
    const [name] = transactionCookie();
    const other = new Browser(world);
    await other.signIn(await authorizeUrl());
    browser.cookies.set(name, other.cookies.get("__Host-entra-gate-host") ?? "");
    expect(codeOf(await browser.visit(callback))).toBe("callback-transaction-missing");
  });

  test("whose site was taken away meanwhile gets no ticket", async () => {
    world.rows = [];
    world.clock.now += 61_000;
    expect(codeOf(await browser.visit(callback))).toBe("site-unknown");
  });
});

describe("what comes with the state", () => {
  test.each([
    ["access_denied", "entra-access-denied", 403],
    ["login_required", "entra-interaction-required", 403],
    ["interaction_required", "entra-interaction-required", 403],
    ["consent_required", "entra-interaction-required", 403],
    ["invalid_request", "entra-request-refused", 503],
    ["unauthorized_client", "entra-request-refused", 503],
    ["temporarily_unavailable", "entra-unavailable", 503],
    ["server_error", "entra-unavailable", 503],
    ["__proto__", "entra-error-unknown", 503],
    ["", "entra-error-unknown", 503],
  ])("error %s is %s, and its description is shown nowhere", async (error, code, status) => {
    const response = await browser.visit(
      withParameters({ code: undefined, error, error_description: "AADSTS50105 call 0900-evil" }),
    );
    expect(codeOf(response)).toBe(code);
    expect(response.status).toBe(status);
    expect((await response.text()) + world.log.join()).not.toContain("0900-evil");
    expect(world.provider.requests.length).toBe(0);
    expect(browser.cookies.size).toBe(0);
  });

  test("an error beside a code wins", async () => {
    expect(codeOf(await browser.visit(withParameters({ error: "access_denied" })))).toBe(
      "entra-access-denied",
    );
    expect(world.provider.requests.length).toBe(0);
  });

  test("no code and no error", async () => {
    expect(codeOf(await browser.visit(withParameters({ code: undefined })))).toBe(
      "callback-parameters-invalid",
    );
  });

  test("another provider's iss is a mix-up (RFC 9207)", async () => {
    const response = await browser.visit(withParameters({ iss: "https://login.evil.example/v2.0" }));
    expect(codeOf(response)).toBe("callback-issuer-wrong");
    expect(world.provider.requests.length).toBe(0);
  });

  test("the right iss is fine", async () => {
    expect(await formOf(await browser.visit(withParameters({ iss: world.provider.issuer })))).toBeDefined();
  });

  test.each(["state", "code", "error", "iss"])("%s twice", async (name) => {
    const url = withParameters(name === "error" || name === "iss" ? { [name]: "x" } : {});
    url.searchParams.append(name, "second");
    expect(codeOf(await browser.visit(url))).toBe("callback-parameters-invalid");
  });
});

test.each([
  { "sec-fetch-dest": "iframe" },
  { "sec-fetch-dest": "empty" },
  { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
  { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" },
])("only a tab's own navigation may finish a sign-in: %j", async (headers) => {
  const response = await browser.visit(callback, { headers });
  expect(codeOf(response)).toBe("host-not-navigation");
  expect(world.provider.requests.length).toBe(0);
});

test("a POSTed callback (response_mode changed by somebody) is refused", async () => {
  const response = await browser.visit(`${hostOrigin}/.auth/callback`, {
    method: "POST",
    body: callback.search,
  });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET");
});
