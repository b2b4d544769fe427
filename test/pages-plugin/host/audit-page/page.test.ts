import { beforeEach, describe, expect, test } from "vitest";
import { entityManagementEvent, webResourceEvent } from "../../../../contract/audit/events.ts";
import type { SiteRow } from "../../../../contract/sites/row.ts";
import { createD1, type MemoryD1 } from "../../../../local/audit-page/d1.ts";
import { factProblems } from "../../../contract/audit/facts.ts";
import { clientSecret, reviewer } from "../support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  hostOrigin,
  navigation,
  rowWith,
  start,
  type World,
} from "../support/world.ts";
import { add, day, hour, type Occasion, occasion, personOf } from "./support.ts";

const address = `${hostOrigin}/.auth/audit`;
const platform = "9a000000-0000-4000-8000-0000000000ff";
const viewers = { groups: [platform], roles: ["Audit"] };
const viewer = { ...reviewer, groups: [...reviewer.groups, platform] };

let database: MemoryD1;
let world: World;
let browser: Browser;

const rows: SiteRow[] = [
  rowWith({ viewers, owner: true }),
  rowWith({ project: "other", subdomain: "other.localhost:8788", origins: ["http://other.localhost:8788"] }),
];

function store(all: readonly SiteRow[]): void {
  const insert = database.sqlite.prepare("INSERT OR REPLACE INTO sites VALUES (?, ?, 0)");
  for (const row of all) insert.run(row.project, JSON.stringify(row));
}

beforeEach(async () => {
  database = createD1();
  store(rows);
  world = await createWorld({ GATE_DB: database });
  world.provider.visitor = viewer;
  browser = new Browser(world);
});

const at = (some: Occasion): Occasion => ({ time: start - hour, ...some });

/** From the page over the provider back to the page. */
async function open(query = "", from = browser): Promise<Response> {
  const arrived = await from.signIn(address + query);
  expect(arrived.status).toBe(303);
  const back = new URL(arrived.headers.get("location") ?? "", hostOrigin);
  expect(back.origin).toBe(hostOrigin);
  const clean = await from.visit(back);
  return clean.status === 303 ? from.visit(new URL(clean.headers.get("location") ?? "", hostOrigin)) : clean;
}

const views = () => world.log.map((line) => JSON.parse(line)).filter((event) => event.class_uid === 6001);
const authorizations = (response: Response) =>
  new URL(response.headers.get("location") ?? "http://none.invalid");

describe("who may look", () => {
  test("somebody whom a site's policy names, after signing in, at the address he wanted", async () => {
    add(database, [occasion(at({ name: "Ada Lovelace" }))]);
    const response = await open("?show=admitted&span=30d&before=5.5&as=csv");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("Ada Lovelace");
    const again = await browser.visit(`${address}?show=admitted`);
    expect(again.status).toBe(200);
  });

  test("by a role as well as by a group", async () => {
    world.provider.visitor = { ...reviewer, groups: [], roles: ["Audit"] } as typeof viewer;
    expect((await open()).status).toBe(200);
  });

  test("nobody else: refused with a code, an event, and another account to try", async () => {
    world.provider.visitor = reviewer;
    const response = await open();
    expect([response.status, codeOf(response)]).toEqual([403, "audit-refused"]);
    expect(await response.text()).toContain("ask=account");
    expect(views().at(-1)).toMatchObject({
      status: "Failure",
      status_code: "audit-refused",
      actor: { user: { uid: reviewer.oid } },
    });
  });

  test("a refusal does not tell which sites there are", async () => {
    world.provider.visitor = reviewer;
    const links = async (site: string) => {
      const text = await (await open(`?site=${site}`, new Browser(world))).text();
      return [...text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href?.replaceAll(site, "SITE"));
    };
    expect(await links("other")).toEqual(await links("nothing-of-that-name"));
  });

  test("nobody at all where no policy names anybody", async () => {
    store([rowWith({ owner: true })]);
    expect(codeOf(await open())).toBe("audit-refused");
  });

  test("nobody without a session: Entra is asked, and nothing is shown", async () => {
    add(database, [occasion(at({ name: "Ada Lovelace" }))]);
    const response = await browser.visit(address);
    expect(response.status).toBe(303);
    expect(authorizations(response).origin).toBe(new URL(world.provider.authority).origin);
    expect(await response.text()).toBe("");
  });

  test("claims are as old as the site's recheck at most: who left the group is out then", async () => {
    expect((await open()).status).toBe(200);
    world.clock.now += 59 * 60_000;
    expect((await browser.visit(address)).status).toBe(200);
    world.provider.visitor = reviewer;
    world.clock.now += 2 * 60_000;
    expect((await browser.visit(address)).status).toBe(303);
    expect(codeOf(await open())).toBe("audit-refused");
  });

  test("nobody is refused on claims older than a minute, or made before the group was named", async () => {
    world.provider.visitor = reviewer;
    await browser.signIn(await authorizeUrl());
    world.provider.visitor = viewer;
    world.clock.now += 61_000;
    expect((await open()).status).toBe(200);
  });

  test("a session of a site is good for the page, if it knows the groups", async () => {
    await browser.signIn(await authorizeUrl());
    expect((await browser.visit(address)).status).toBe(200);
  });

  test.each([
    ["a script", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a frame", { "sec-fetch-dest": "iframe" }],
    ["a picture", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
  ])("not %s", async (_, headers) => {
    await open();
    const response = await browser.visit(address, { headers });
    expect(codeOf(response)).toBe("host-not-navigation");
  });

  test("nothing but GET", async () => {
    await open();
    expect((await browser.visit(address, { method: "POST" })).status).toBe(405);
  });

  test("a browser that keeps no session is told so, and not sent round again", async () => {
    const arrived = await browser.signIn(address);
    browser.cookies.clear();
    const response = await browser.visit(new URL(arrived.headers.get("location") ?? "", hostOrigin));
    expect([response.status, codeOf(response)]).toEqual([400, "audit-session-lost"]);
  });

  test("a transaction of the page never becomes a ticket, and its callback goes nowhere else", async () => {
    const arrived = await browser.signIn(`${address}?q=${encodeURIComponent("https://evil.example/")}`);
    expect(arrived.headers.get("location")).toMatch(/^\/\.auth\/audit\?/);
    expect(await arrived.text()).not.toContain("ticket");
  });
});

describe("what is seen", () => {
  test("only the events of sites whose policy lets one look", async () => {
    add(database, [
      occasion(at({ name: "Of this site" })),
      occasion(at({ name: "Of another site", project: "other" })),
      occasion(at({ name: "Of no site", project: undefined })),
    ]);
    const text = await (await open()).text();
    expect(text).toContain("Of this site");
    expect(text).toContain("Of no site");
    expect(text).not.toContain("Of another site");
    for (const query of ["?site=other", "?q=another", "?view=previews&site=other", `?q=${personOf(1)}`])
      expect(await (await browser.visit(address + query)).text()).not.toContain("Of another site");
  });

  test("what is about no site is for those whose site owns the host", async () => {
    store([rowWith({ viewers })]);
    add(database, [occasion(at({ name: "Of no site", project: undefined }))]);
    const text = await (await open()).text();
    expect(text).not.toContain("Of no site");
    expect(await (await browser.visit(`${address}?view=sites`)).text()).not.toContain("Ticket-signing key");
  });

  test("names and addresses of others are text", async () => {
    const bad = `<script>alert(1)</script>"'&`;
    add(database, [
      occasion(at({ name: bad, refused: "<img src=x>", reference: "7KQ2M-4XPVE" })),
      occasion(at({ origin: 'https://a"onmouseover=x.example' })),
    ]);
    for (const query of ["", `?q=${encodeURIComponent(bad)}`, "?view=previews", "?view=sites"]) {
      const text = await ((await open(query, new Browser(world))) as Response).text();
      expect(text).not.toMatch(/<script|<img|"onmouseover/);
    }
  });

  test("under a policy that lets nothing run and nothing load", async () => {
    const response = await open();
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    const text = await response.text();
    expect(text).not.toMatch(/<script|<link|<img|<iframe|style="|\son\w+=/);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("sites with their state, and keys with their ends", async () => {
    store([rowWith({ viewers, owner: true, entries: { preview: rows[0]?.entries.preview as never } })]);
    const text = await (await open("?view=sites")).text();
    expect(text).toContain("not gated");
    expect(text).toContain("gated");
    expect(text).toMatch(/Ticket-signing key[\s\S]*days left/);
    for (const secret of [
      clientSecret,
      ...Object.entries(world.env).flatMap(([name, value]) => (/KEY_2/.test(name) ? [String(value)] : [])),
    ])
      expect(text).not.toContain(secret);
  });

  test("what the action last found of a site when it checked it from outside", async () => {
    const check = (time: number, comment: string, success: boolean) =>
      entityManagementEvent({
        context: { role: "action", version: "1.0.0", project: "demo" },
        time,
        uid: comment,
        activity: "read",
        success,
        code: success ? "read" : "deployments-open",
        entity: { type: "site", uid: "demo" },
        actor: { app: personOf(1) },
        comment,
      });
    add(database, [
      check(start - 2 * day, "all 40 deployments closed", true),
      check(start - day, "1 of 41 deployments is open", false),
    ]);
    const text = await (await open("?view=sites")).text();
    expect(text).toContain("1 of 41 deployments is open");
    expect(text).not.toContain("all 40");
  });

  test("a database that does not answer is 503 with a reference, and the page goes on when it does", async () => {
    const batch = database.batch;
    expect((await open()).status).toBe(200);
    world.env["GATE_DB"] = {
      ...database,
      batch: () => Promise.reject(new Error("D1_ERROR: no such index: secret")),
    };
    world.restart();
    const response = await browser.visit(address);
    expect([response.status, codeOf(response)]).toEqual([503, "audit-unavailable"]);
    expect(world.log.join()).not.toContain("no such index");
    world.env["GATE_DB"] = { ...database, batch };
    world.restart();
    expect((await browser.visit(address)).status).toBe(200);
  });
});

describe("every look is an event", () => {
  test("in the console and in the database, with who and what, but not with what was searched for", async () => {
    await open("?q=Somebody&site=demo");
    await Promise.all(world.waiting);
    const [event] = views();
    expect(event).toMatchObject({
      class_uid: 6001,
      activity_name: "Read",
      status: "Success",
      actor: { user: { uid: viewer.oid } },
      unmapped: { project: "demo", view: "activity" },
    });
    expect(factProblems(event)).toEqual([]);
    expect(JSON.stringify(views())).not.toContain("Somebody");
    const kept = database.sqlite
      .prepare("SELECT event FROM audit_events WHERE event ->> '$.class_uid' = 6001")
      .all();
    expect(kept.map((row) => JSON.parse(String(row["event"])))).toEqual(views());
    expect(await (await browser.visit(`${address}?show=views`)).text()).toContain("Looked at audit");
  });

  test("an export, too", async () => {
    await open();
    const same = { ...navigation, "sec-fetch-site": "same-origin" };
    const response = await browser.visit(`${address}?as=csv`, { headers: same });
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="entra-gate-audit_[\w.]+csv"$/,
    );
    expect(response.headers.get("content-type")).toMatch(/^text\/csv/);
    expect((await response.text()).split("\r\n")[0]).toContain('"object_id"');
    expect(views().at(-1)).toMatchObject({ activity_name: "Export", unmapped: { view: "csv" } });
    expect(factProblems(views().at(-1))).toEqual([]);
  });

  test("another site's link saves no file", async () => {
    await open();
    const response = await browser.visit(`${address}?as=ocsf&show=refused`);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/.auth/audit?show=refused");
  });
});

test("a site's own request events in the same table are understood", async () => {
  const request = { method: "GET", url: new URL("https://demo.localhost/docs/") };
  const visitor = { kind: "user", tid: viewer.oid, oid: personOf(9), name: "Reader" } as const;
  add(database, [
    webResourceEvent({
      context: { role: "site", version: "1.0.0", project: "demo" },
      time: start - day,
      uid: "w1",
      request,
      visitor,
      policyDigest: "d",
      decision: { allowed: true, rule: "r", reason: "members" },
    }),
  ]);
  expect(await (await open("?show=views")).text()).toContain("Reader");
});
