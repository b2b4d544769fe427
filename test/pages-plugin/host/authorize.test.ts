import { beforeEach, describe, expect, test } from "vitest";
import { authorizeUrl, Browser, codeOf, createWorld, rowWith, site, type World } from "./support/world.ts";

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
});

describe("authorize is for a tab's own navigation", () => {
  test.each([
    ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["a frame", { "sec-fetch-dest": "iframe" }],
    ["an embed", { "sec-fetch-dest": "object" }],
    ["a fetch", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a worker", { "sec-fetch-mode": "same-origin", "sec-fetch-dest": "worker" }],
    ["a browser that says nothing", { "sec-fetch-mode": "", "sec-fetch-dest": "" }],
  ])("not for %s", async (_, headers) => {
    const response = await browser.visit(await authorizeUrl(), {
      headers: headers as Record<string, string>,
    });
    expect(response.status).toBe(403);
    expect(response.headers.has("location")).toBe(false);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test("without any Fetch Metadata there is no sign-in", async () => {
    const response = await world.fetch(
      new Request(await authorizeUrl(), { headers: { accept: "text/html" } }),
    );
    expect(codeOf(response)).toBe("host-not-navigation");
  });

  test.each(["POST", "HEAD", "PUT", "OPTIONS"])("not for %s", async (method) => {
    const response = await browser.visit(await authorizeUrl(), { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET");
  });

  test("there is no CORS", async () => {
    const response = await browser.visit(await authorizeUrl(), { headers: { origin: site } });
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

describe("parameters", () => {
  test.each([
    ["origin", undefined],
    ["origin", ""],
    ["origin", "demo.localhost:8788"],
    ["environment", undefined],
    ["environment", "staging"],
    ["environment", "Preview"],
    ["tx", undefined],
    ["tx", "a b"],
    ["tx", "a;b"],
    ["tx", "x".repeat(65)],
    ["challenge", undefined],
    ["challenge", "short"],
    ["challenge", `${"c".repeat(42)}=`],
    ["challenge", "c".repeat(44)],
  ])("%s %j is refused", async (name, value) => {
    const response = await browser.visit(await authorizeUrl({ [name]: value }));
    expect(codeOf(response)).toBe("authorize-parameters-invalid");
    expect(response.status).toBe(400);
  });

  test.each(["origin", "environment", "tx", "challenge"])("%s twice is refused", async (name) => {
    const url = await authorizeUrl();
    url.searchParams.append(name, url.searchParams.get(name) ?? "");
    expect(codeOf(await browser.visit(url))).toBe("authorize-parameters-invalid");
  });

  test("never stand in the answer unescaped", async () => {
    const response = await browser.visit(await authorizeUrl({ origin: `"><script>alert(1)</script>` }));
    expect(await response.text()).not.toContain("<script>alert");
  });

  test("CR and LF make no header", async () => {
    for (const name of ["origin", "tx", "challenge"]) {
      const response = await browser.visit(await authorizeUrl({ [name]: "x\r\nset-cookie: a=b" }));
      expect(response.status).toBe(400);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("the sites table", () => {
  test("is read once in 60 seconds", async () => {
    await browser.visit(await authorizeUrl());
    world.clock.now += 59_000;
    await browser.visit(await authorizeUrl());
    expect(world.queries).toEqual(["SELECT project, data FROM sites"]);
    world.clock.now += 2_000;
    await browser.visit(await authorizeUrl());
    expect(world.queries.length).toBe(2);
  });

  test("out of reach is 503, also with rows from a minute ago", async () => {
    await browser.visit(await authorizeUrl());
    world.rows = new Error("D1_ERROR: secret-laden message");
    world.clock.now += 61_000;
    const response = await browser.visit(await authorizeUrl());
    expect(response.status).toBe(503);
    expect(codeOf(response)).toBe("sites-unavailable");
    expect(world.log.join()).not.toContain("secret-laden");
    world.rows = [rowWith()];
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
  });

  test("with a row nobody can read closes that site only", async () => {
    const broken = {
      ...rowWith({ project: "broken", subdomain: "broken.localhost:8788" }),
      entries: { preview: {} },
    };
    world.rows = [rowWith(), broken as never];
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
    const other = await authorizeUrl({ origin: "http://a.broken.localhost:8788" });
    expect(codeOf(await browser.visit(other))).toBe("site-unknown");
    expect(world.log.join()).toContain("site-row-invalid");
  });

  test("with a row that names another project than its key closes that site only", async () => {
    const results = [rowWith(), { ...rowWith({ project: "b", subdomain: "b.localhost:8788" }) }].map(
      (row) => ({
        project: row.project === "b" ? "a" : row.project,
        data: JSON.stringify(row),
      }),
    );
    world.env["GATE_DB"] = { prepare: () => ({ all: async () => ({ results }) }) };
    expect((await browser.visit(await authorizeUrl())).status).toBe(303);
    const other = await authorizeUrl({ origin: "http://x.b.localhost:8788" });
    expect(codeOf(await browser.visit(other))).toBe("site-unknown");
  });

  test("refused origins get no link back to where they pointed", async () => {
    const response = await browser.visit(await authorizeUrl({ origin: "https://evil.example" }));
    expect(codeOf(response)).toBe("site-unknown");
    expect(await response.text()).not.toContain("evil.example");
  });
});
