import { beforeEach, describe, expect, test } from "vitest";
import { reviewer } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  entryWith,
  formOf,
  hostOrigin,
  rowWith,
  site,
  type World,
} from "./support/world.ts";

const otherGroup = "9a000000-0000-4000-8000-0000000000ee";
let world: World;
let browser: Browser;

beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
});

describe("whom the default branch's rules admit nowhere", () => {
  beforeEach(() => {
    world.provider.visitor = { ...reviewer, groups: [otherGroup] };
  });

  test("gets an explanation instead of a ticket", async () => {
    const response = await browser.signIn(await authorizeUrl());
    expect(response.status).toBe(403);
    expect(codeOf(response)).toBe("entry-refused");
    expect(await formOf(response)).toBeUndefined();
  });

  test("reads which of the policy's named groups and roles would do, and how to try another account", async () => {
    const html = await (await browser.signIn(await authorizeUrl())).text();
    expect(html).toContain("reviewers");
    expect(html).toContain("Preview.Test");
    expect(html).toContain("ask=account");
    expect(html).not.toContain(reviewer.groups[0]);
  });

  test("reads whom to ask, where the policy says so, and nobody reads it who isn't signed in", async () => {
    const contact = "the web team <web@contoso.example>";
    world.rows = [rowWith({ entries: { preview: entryWith({ contact }) } })];
    const html = await (await browser.signIn(await authorizeUrl())).text();
    expect(html).toContain("the web team &lt;web@contoso.example&gt;");
    const other = new Browser(world);
    world.provider.answerToken = () => Response.json({ error: "invalid_client" }, { status: 400 });
    expect(await (await other.signIn(await authorizeUrl())).text()).not.toContain("web team");
  });

  test("added to the group a minute ago: the link asks Entra again, and the ticket comes", async () => {
    const refused = await browser.signIn(await authorizeUrl());
    const link = /href="([^"]+ask=again)"/.exec(await refused.text())?.[1]?.replaceAll("&amp;", "&");
    world.provider.visitor = reviewer;
    expect(await formOf(await browser.signIn(new URL(link ?? "", hostOrigin)))).toBeDefined();
  });

  test("may choose another account, and gets the ticket with that one", async () => {
    await browser.signIn(await authorizeUrl());
    const response = await browser.visit(await authorizeUrl({ ask: "account" }));
    const location = response.headers.get("location") ?? "";
    expect(new URL(location).searchParams.get("prompt")).toBe("select_account");
    expect(new URL(location).searchParams.has("login_hint")).toBe(false);
    world.provider.visitor = { ...reviewer, oid: "0d000000-0000-4000-8000-000000000009" };
    expect(await formOf(await browser.visit(world.provider.authorize(location)))).toMatchObject({
      tx: "tx1",
    });
  });

  test("is refused on claims that are new, so that having just been added to the group helps", async () => {
    await browser.signIn(await authorizeUrl());
    expect(codeOf(await browser.visit(await authorizeUrl()))).toBe("entry-refused");
    world.clock.now += 61_000;
    world.provider.visitor = reviewer;
    expect(await formOf(await browser.signIn(await authorizeUrl()))).toBeDefined();
  });
});

describe("report mode", () => {
  beforeEach(() => {
    world.rows = [rowWith({ entries: { preview: entryWith({ report: true }) } })];
  });

  test.each([0, 1, undefined])("every user of the tenant gets a ticket: acct %s", async (acct) => {
    world.provider.visitor = { ...reviewer, acct, groups: [otherGroup] };
    expect(await formOf(await browser.signIn(await authorizeUrl()))).toBeDefined();
  });

  test("in this environment only, and nobody of another tenant, no application", async () => {
    world.rows = [
      rowWith({
        entries: {
          preview: entryWith({ report: true }),
          production: entryWith({ environment: "production", groups: [otherGroup], roles: [] }),
        },
      }),
    ];
    const elsewhere = await authorizeUrl({ origin: "https://www.example.com" }, "production");
    expect(codeOf(await browser.signIn(elsewhere))).toBe("entry-refused");
    world.provider.visitor = { ...reviewer, tid: "0e000000-0000-4000-8000-000000000001" };
    expect((await new Browser(world).signIn(await authorizeUrl())).status).not.toBe(200);
    world.provider.visitor = { ...reviewer, idtyp: "app" };
    expect(codeOf(await new Browser(world).signIn(await authorizeUrl()))).toBe("visitor-is-app");
  });
});

describe("what the visitor is", () => {
  const cases = [
    { acct: 0, expected: "member" },
    { acct: 1, expected: "refused" },
    { acct: undefined, expected: "refused" },
    { acct: true, expected: "refused" },
    { acct: "guest", expected: "refused" },
  ];
  test.each(cases)("members lets acct $acct be $expected", async ({ acct, expected }) => {
    world.rows = [rowWith({ entries: { preview: entryWith({ members: true, groups: [], roles: [] }) } })];
    world.provider.visitor = { ...reviewer, acct };
    const response = await browser.signIn(await authorizeUrl());
    expect(response.status).toBe(expected === "member" ? 200 : 403);
  });

  test("an application's token is refused", async () => {
    world.provider.visitor = { ...reviewer, idtyp: "app" };
    expect(codeOf(await browser.signIn(await authorizeUrl()))).toBe("visitor-is-app");
  });

  test("e-mail, upn and preferred_username decide nothing (nOAuth)", async () => {
    const mutable = {
      email: "boss@contoso.com",
      upn: "boss@contoso.com",
      preferred_username: "boss@contoso.com",
    };
    world.provider.visitor = { oid: reviewer.oid, name: "boss@contoso.com", acct: 0, ...mutable };
    const response = await browser.signIn(await authorizeUrl());
    expect(codeOf(response)).toBe("entry-refused-groups-missing");
    world.clock.now += 3_600_000;
    world.provider.visitor = { ...reviewer, email: "changed@evil.example", upn: "changed@evil.example" };
    const form = await formOf(await browser.signIn(await authorizeUrl()));
    const payload = Buffer.from(form?.ticket.split(".")[1] ?? "", "base64url").toString();
    expect(payload).toContain(reviewer.oid);
    expect(payload).not.toContain("evil.example");
  });
});

describe("groups that the token doesn't list", () => {
  test("over the limit are asked for where a site names none at no time", async () => {
    world.provider.visitor = { oid: reviewer.oid, name: "Many", acct: 0, hasgroups: true };
    const here = await authorizeUrl({ origin: "https://www.example.com" }, "production");
    expect(await formOf(await browser.signIn(here))).toBeDefined();
    expect(world.provider.graphRequests).toHaveLength(0);
    expect(codeOf(await browser.signIn(await authorizeUrl()))).toBe("graph-refused");
  });

  test("altogether missing admit by no group rule, and the operator is told why", async () => {
    world.provider.visitor = { oid: reviewer.oid, name: "None", acct: 0 };
    const response = await browser.signIn(await authorizeUrl());
    expect(codeOf(response)).toBe("entry-refused-groups-missing");
    expect(world.log.join()).toContain("groupMembershipClaims");
  });

  test("altogether missing still leave roles and members to admit", async () => {
    world.provider.visitor = { oid: reviewer.oid, name: "Role", acct: 0, roles: ["Preview.Test"] };
    expect(await formOf(await browser.signIn(await authorizeUrl()))).toMatchObject({
      action: `${site}/.auth/accept`,
    });
  });

  test.each([
    ["not a list"],
    [{ 0: reviewer.groups[0] }],
    [["reviewers", 7, null, `${reviewer.groups[0]}x`]],
  ])("in another shape admit nobody: %j", async (groups) => {
    world.provider.visitor = { ...reviewer, groups };
    expect((await browser.signIn(await authorizeUrl())).status).toBe(403);
  });
});

describe("many groups (oauth2-proxy#1902)", () => {
  const many = (count: number, from: number) =>
    Array.from(
      { length: count },
      (_, index) => `9b000000-0000-4000-8000-${String(from + index).padStart(12, "0")}`,
    );

  test("a session holds 100 named groups in a cookie that browsers keep", async () => {
    const groups = many(100, 0);
    world.rows = [0, 1].map((number) =>
      rowWith({
        project: `site${number}`,
        subdomain: `site${number}.localhost:8788`,
        origins: [],
        entries: { preview: entryWith({ groups: groups.slice(number * 50, number * 50 + 50) }) },
      }),
    );
    world.provider.visitor = { ...reviewer, groups };
    await browser.signIn(await authorizeUrl({ origin: "http://a.site0.localhost:8788" }));
    expect(browser.cookies.get("__Host-entra-gate-host")?.length).toBeLessThanOrEqual(3500);
    const second = await browser.visit(await authorizeUrl({ origin: "http://a.site1.localhost:8788" }));
    expect((await formOf(second))?.ticket.length).toBeLessThanOrEqual(3950);
  });

  test("too many for that: the asking site's, and the other site asks Entra again", async () => {
    const groups = many(190, 0);
    world.rows = [0, 1, 2, 3].map((number) =>
      rowWith({
        project: `site${number}`,
        subdomain: `site${number}.localhost:8788`,
        origins: [],
        entries: { preview: entryWith({ groups: groups.slice(number * 50, number * 50 + 50), roles: [] }) },
      }),
    );
    world.provider.visitor = { ...reviewer, groups };
    const first = await authorizeUrl({ origin: "http://a.site0.localhost:8788" });
    await browser.signIn(first);
    expect(browser.cookies.get("__Host-entra-gate-host")?.length).toBeLessThanOrEqual(3500);
    expect((await browser.visit(first)).status).toBe(200);
    const other = await authorizeUrl({ origin: "http://a.site3.localhost:8788" });
    expect(await formOf(await browser.signIn(other))).toBeDefined();
  });
});
