import { beforeEach, describe, expect, test } from "vitest";
import { clientSecret } from "../host/support/provider.ts";
import type { Browser } from "../host/support/world.ts";
import {
  browserIn,
  codeOf,
  createWorld,
  destination,
  group,
  land,
  loginUrl,
  navigation,
  origin,
  policy,
  request,
  reviewer,
  type StandaloneWorld,
  sessionName,
} from "./support.ts";

const hour = 3_600_000;
let world: StandaloneWorld;
let browser: Browser;
beforeEach(async () => {
  world = await createWorld();
  browser = browserIn(world);
});

const visit = (path: string, headers: Record<string, string> = {}) =>
  browser.visit(origin + path, { headers: { "sec-fetch-site": "none", ...headers } });
const signIn = async (url = loginUrl()) => land(browser, await browser.signIn(url));

describe("somebody without a session", () => {
  test("is shown the way to Entra, and asked for by code, PKCE, state and nonce", async () => {
    const page = await visit("/docs?x=1");
    expect([page.status, codeOf(page)]).toEqual([401, "sign-in-required"]);
    expect(await page.text()).toContain("/.auth/login?return_to=%2Fdocs%3Fx%3D1");
    const asked = await browser.visit(loginUrl());
    expect(asked.headers.get("location")).toMatch(/#$/);
    expect(Object.fromEntries(request(asked))).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: `${origin}/.auth/callback`,
    });
    expect(asked.headers.getSetCookie()).toHaveLength(1);
    expect(asked.headers.get("set-cookie")).toMatch(
      /^__Host-entra-gate-tx-[0-9a-z]{22}=[\w.-]+; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
    );
    expect(world.reached).toEqual([]);
  });

  test("gets JSON and no redirect where it is no navigation", async () => {
    const answer = await world.fetch(new Request(`${origin}/api`, { headers: { "sec-fetch-mode": "cors" } }));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      401,
      "application/json; charset=utf-8",
    ]);
    const login = await world.fetch(new Request(loginUrl(), { headers: { "sec-fetch-mode": "cors" } }));
    expect(codeOf(login)).toBe("login-not-navigation");
  });
});

describe("a sign-in", () => {
  test("ends at the page that was asked for, with the identity handed on and spoofed copies gone", async () => {
    expect(await destination(await signIn())).toBe("/docs?x=1");
    const page = await visit("/docs", { "x-ms-client-principal-name": "spoofed", X_Entra_Gate_Roles: "all" });
    expect(await page.text()).toBe("content of /docs");
    expect(page.headers.get("cache-control")).toBe("private, no-store");
    const [{ headers, visitor } = { headers: new Headers(), visitor: null }] = world.reached;
    expect(visitor).toMatchObject({ kind: "user", oid: reviewer.oid, groups: [group] });
    expect(headers.get("x-ms-client-principal-name")).toBe("Rita Reviewer");
    expect(headers.get("x-entra-gate-groups")).toBe(group);
    expect(headers.has("cookie") || headers.has("x_entra_gate_roles")).toBe(false);
  });

  test("leaves one encrypted cookie of a kind of its own, to the end of its lifetime", async () => {
    const answer = await browser.signIn(loginUrl());
    const line = answer.headers.getSetCookie().find((one) => one.startsWith(`${sessionName}=`));
    expect(line).toMatch(/=[\w.-]+; Path=\/; Max-Age=28800; Secure; HttpOnly; SameSite=Lax$/);
    const [header = ""] = (browser.cookies.get(sessionName) ?? "").split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({
      typ: "entra-gate-own-session",
    });
  });

  test("is remembered: no request behind the gate asks anybody", async () => {
    await signIn();
    const before = world.provider.requests.length + world.provider.keyFetches.count;
    for (let count = 0; count < 5; count++) expect((await visit(`/docs/${count}`)).status).toBe(200);
    world.restart();
    expect((await visit("/docs")).status).toBe(200);
    expect(world.provider.requests.length + world.provider.keyFetches.count).toBe(before);
  });

  test("of somebody whom no rule lets in leaves no session; the page names the groups, and two ways on", async () => {
    world.provider.visitor = { ...reviewer, groups: ["9a000000-0000-4000-8000-0000000000ee"] };
    const refused = await signIn();
    expect([refused.status, codeOf(refused)]).toEqual([403, "entry-refused"]);
    const html = await refused.text();
    for (const part of ["reviewers", "harbour@example.com", "ask=again", "ask=account", "%2Fdocs%3Fx%3D1"])
      expect(html).toContain(part);
    expect([...browser.cookies.keys()]).toEqual([]);
    world.provider.visitor = reviewer;
    const again = /href="(\/\.auth\/login[^"]*ask=account)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    const asked = await browser.visit(origin + again);
    expect(request(asked).get("prompt")).toBe("select_account");
    const answer = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect(await destination(await land(browser, answer))).toBe("/docs?x=1");
  });

  test("without a groups claim is never taken for one in no group", async () => {
    world.provider.visitor = { oid: reviewer.oid, name: "Rita" };
    expect(codeOf(await signIn())).toBe("entry-refused-groups-missing");
  });

  test("of somebody in too many groups asks Graph, and is 503 where Graph doesn't say", async () => {
    world.provider.visitor = { oid: reviewer.oid, name: "Rita", hasgroups: true };
    const refused = await signIn();
    expect([refused.status, codeOf(refused)]).toEqual([503, "graph-refused"]);
    expect(browser.cookies.size).toBe(0);
    world.provider.answerGraph = () => Response.json({ value: [group] });
    expect(await destination(await signIn())).toBe("/docs?x=1");
    expect((await visit("/docs")).status).toBe(200);
  });

  test("is audited, and neither secret nor token is in any line", async () => {
    await signIn();
    await visit("/docs");
    await Promise.all(world.waiting);
    const events = world.log.map((line) => JSON.parse(line)).filter((line) => "class_uid" in line);
    expect(events.map(({ class_uid, status_code }) => [class_uid, status_code])).toEqual([
      [3002, "signed-in"],
      [6001, "group"],
    ]);
    expect(world.log.join()).not.toMatch(new RegExp(`${clientSecret}|eyJ|at\\.of`));
  });
});

describe("a session", () => {
  test("is over after recheck; Entra's answer continues it, and its lifetime counts from its beginning", async () => {
    await signIn();
    for (let count = 1; count <= 7; count++) {
      world.clock.now += hour;
      expect(codeOf(await visit("/docs"))).toBe("session-expired");
      expect(await destination(await signIn())).toBe("/docs?x=1");
    }
    world.clock.now += hour - 61_000;
    expect((await visit("/docs")).status).toBe(200);
    world.clock.now += 61_000;
    expect(codeOf(await visit("/docs"))).toBe("session-expired");
  });

  test("takes what Entra says at a recheck: whoever left the group is out", async () => {
    await signIn();
    world.clock.now += hour;
    world.provider.visitor = { ...reviewer, groups: [] };
    expect(codeOf(await signIn())).toBe("entry-refused");
    expect(codeOf(await visit("/docs"))).toBe("session-expired");
  });

  test.each([
    ["a cookie of a sign-in under way", "tx"],
    ["one of another key", "key"],
    ["one of another tenant", "tenant"],
    ["a ticket", "ticket"],
  ])("is not made of %s", async (_, what) => {
    await signIn();
    let value = browser.cookies.get(sessionName) ?? "";
    if (what === "ticket")
      value = `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30..${"v".repeat(43)}`;
    if (what === "tx") {
      const asked = await browser.visit(loginUrl());
      value = /=([^;]+)/.exec(asked.headers.get("set-cookie") ?? "")?.[1] ?? "";
    }
    if (what === "key") world = await createWorld();
    if (what === "tenant")
      world = await createWorld({ ...world.env, ENTRA_TENANT_ID: "99999999-2222-4333-8444-555555555555" });
    browser = browserIn(world);
    browser.cookies.set(sessionName, value);
    expect(codeOf(await visit("/docs"))).toBe("session-invalid");
  });

  test("made for a policy that named other groups is asked for again", async () => {
    await signIn();
    const value = browser.cookies.get(sessionName) ?? "";
    const other = { ...policy, groups: { reviewers: group, staff: "9a000000-0000-4000-8000-0000000000aa" } };
    const rules = [{ path: "/*", allow: { groups: ["reviewers", "staff"] } }];
    world = await createWorld(world.env, { ...other, production: { rules } });
    browser = browserIn(world);
    browser.cookies.set(sessionName, value);
    expect(codeOf(await visit("/docs"))).toBe("session-expired");
  });

  test("counts for its own origin's requests only", async () => {
    await signIn();
    const cookie = `${sessionName}=${browser.cookies.get(sessionName)}`;
    const ask = (headers: Record<string, string>) =>
      world.fetch(new Request(`${origin}/docs`, { headers: { cookie, ...headers } }));
    expect(codeOf(await ask({ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }))).toBe(
      "session-not-counted",
    );
    expect((await ask({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" })).status).toBe(200);
  });

  test("ends with signing out, which says where Entra's own can be ended", async () => {
    await signIn();
    await browser.visit(loginUrl());
    const out = await browser.visit(`${origin}/.auth/logout`, { method: "POST", headers: { origin } });
    expect(out.headers.get("location")).toBe("/.auth/signed-out");
    expect([...browser.cookies.keys()]).toEqual([]);
    const page = await visit("/.auth/signed-out");
    const back = new URLSearchParams({ post_logout_redirect_uri: `${origin}/.auth/callback` });
    expect(await page.text()).toContain(`/oauth2/v2.0/logout?${back}"`);
    const returned = await visit("/.auth/callback");
    expect([returned.status, returned.headers.get("location")]).toEqual([303, "/.auth/signed-out"]);
    const forged = await browser.visit(`${origin}/.auth/logout`, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    expect(codeOf(forged)).toBe("logout-origin-foreign");
  });

  test("tells the site on open paths who is there", async () => {
    await visit("/open/x");
    await signIn();
    await visit("/open/x");
    expect(world.reached.map(({ visitor }) => visitor?.name ?? null)).toEqual([null, "Rita Reviewer"]);
    expect(await (await visit("/.auth/me")).json()).toMatchObject({ oid: reviewer.oid, groups: [group] });
  });
});

describe("step-up", () => {
  const now = () => world.clock.now / 1000;
  const vault = loginUrl("/vault/1");

  test("is asked of Entra, with prompt=login once where that was too long ago", async () => {
    world.provider.visitor = { ...reviewer, auth_time: now() - 5_000, acrs: ["c1", "c9"] };
    await signIn();
    expect(codeOf(await visit("/vault/1"))).toBe("step-up-required");
    const asked = await browser.visit(vault);
    expect(request(asked).get("prompt")).toBe("login");
    expect(request(asked).get("claims")).toContain('"c1"');
    world.provider.visitor = { ...reviewer, auth_time: now(), acrs: ["c1", "c9"] };
    const answer = await browser.visit(world.provider.authorize(asked.headers.get("location") ?? ""));
    expect(await destination(await land(browser, answer))).toBe("/vault/1");
    expect((await visit("/vault/1")).status).toBe(200);
    expect(world.reached[0]?.visitor).toMatchObject({ acrs: ["c1"] });
  });

  test("that Entra doesn't do is explained after one attempt, never a loop", async () => {
    world.provider.visitor = { ...reviewer, auth_time: now() - 5_000 };
    const first = await browser.signIn(vault);
    expect(request(first).get("prompt")).toBe("login");
    const second = await browser.visit(world.provider.authorize(first.headers.get("location") ?? ""));
    const page = await land(browser, second);
    expect([page.status, codeOf(page)]).toEqual([401, "step-up-required"]);
    expect(await page.text()).not.toContain("<script");
  });

  test("is read from the policy and not from the address", async () => {
    const asked = await browser.visit(loginUrl("/docs", "&within=1&context=c9"));
    expect(request(asked).has("claims") || request(asked).has("prompt")).toBe(false);
  });
});

test.each([
  "//evil.example",
  "https://evil.example/x",
  "/\\evil.example",
  "/.auth/login",
  "/%2f%2fevil.example",
])("return_to %s leads nowhere else", async (target) => {
  expect(await destination(await signIn(loginUrl(target)))).toBe("/");
});

test("a sign-in needs no Fetch Metadata to begin, and to end in it", async () => {
  const asked = await world.fetch(new Request(loginUrl(), { headers: { accept: navigation.accept } }));
  expect(asked.status).toBe(303);
});

describe("while Entra is down", () => {
  const down = () => Promise.reject(new TypeError("fetch failed"));

  test("a visitor who is signed in sees nothing of it; another reads why, and the page tries again by itself", async () => {
    await signIn();
    world.clock.now += 60_000;
    Object.assign(world.provider, { answerDiscovery: down, answerToken: down, answerKeys: down });
    expect((await visit("/docs")).status).toBe(200);
    const page = await browserIn(world).visit(loginUrl());
    expect([page.status, codeOf(page)]).toEqual([503, "entra-unavailable"]);
    const again = /^5;url=(.+)$/.exec(page.headers.get("refresh") ?? "")?.[1];
    expect(again).toContain("/.auth/login?return_to=%2Fdocs%3Fx%3D1&");
    expect(page.headers.getSetCookie()).toEqual([]);
    const next = await browserIn(world).visit(origin + again);
    expect(next.headers.get("refresh")).toMatch(/^20;/);
    Object.assign(world.provider, { answerDiscovery: undefined, answerToken: undefined });
    world.clock.now += 3_000;
    expect(await destination(await signIn(origin + again))).toBe("/docs?x=1");
  });

  test("a sign-in under way that fails goes on counting, and ends in the visitor's hands", async () => {
    world.provider.answerToken = down;
    let url: string | undefined = loginUrl();
    const delays: (string | undefined)[] = [];
    for (let count = 0; count < 5 && url !== undefined; count++) {
      const answer: Response = await browser.signIn(url);
      expect(codeOf(answer)).toBe("entra-unavailable");
      const [delay, next] = (answer.headers.get("refresh") ?? "").split(";url=");
      delays.push(delay);
      url = next === undefined ? undefined : origin + next;
    }
    expect(delays).toEqual(["5", "20", "60", ""]);
  });

  test("what does not pass is not tried again", async () => {
    world.provider.answerToken = () =>
      Response.json({ error: "invalid_client", error_codes: [7000222] }, { status: 401 });
    const answer = await signIn();
    expect([codeOf(answer), answer.headers.get("refresh")]).toEqual(["host-secret-expired", null]);
  });
});
