import { describe, expect, test } from "vitest";
import { ocsfVersion } from "../../../contract/audit/base.ts";
import {
  auditViewEvent,
  authenticationEvent,
  entityManagementEvent,
  webResourceEvent,
} from "../../../contract/audit/events.ts";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import { hostErrors } from "../../../contract/errors/host.ts";
import { siteAnswers } from "../../../contract/errors/site-answers.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import {
  authorizeUrl,
  Browser,
  createWorld,
  events as hostEvents,
  hostOrigin,
} from "../../pages-plugin/host/support/world.ts";
import { config, makeWorld, sessionCookie, siteOrigin } from "../../pages-plugin/site/support.ts";
import { client, visitor } from "../policy/fixtures.ts";
import {
  classes,
  common,
  factProblems,
  joined,
  type ObjectFacts,
  objects,
  ocsfRelease,
  profiles,
  siblings,
} from "./facts.ts";
import { readOcsf } from "./ocsf.ts";

/**
 * Events are held to our own table of OCSF's facts (facts.ts). OCSF's published files are not kept here: where
 * `OCSF_SCHEMA` names a checkout of ocsf/ocsf-schema at its release commit (version.json says which release it is),
 * events are held to them as well, and so is the table.
 */
const folder = process.env["OCSF_SCHEMA"];
const ocsf = folder === undefined ? undefined : readOcsf(folder);

function problems(event: AuditEvent | Record<string, unknown>): string[] {
  const written = JSON.parse(JSON.stringify(event));
  return [...factProblems(written), ...(ocsf?.problems(written) ?? [])];
}

const kinds = (["user", "guest", "app", "unknown"] as const).map((kind) => ({
  ...visitor(),
  kind,
  ...(kind === "app" ? { app: client } : {}),
}));
const base = {
  time: 1_700_000_000_000,
  uid: "u1",
  reference: "ABCD",
  context: {
    role: "site",
    version: "1.0.0",
    project: "demo",
    environment: "preview",
    bundle: "b".repeat(32),
    commit: "c".repeat(40),
    pullRequest: 7,
  },
} as const;
const request = { method: "GET", url: new URL("https://a1.demo.example:8443/a%20b?q"), ray: "ray" };

describe.skipIf(ocsf === undefined)("the table is as OCSF's published files say", () => {
  test("of the release that the events name", () => {
    expect(ocsf?.version).toBe(ocsfRelease);
  });

  const definitions: [string, number | string, readonly string[], ObjectFacts][] = [
    ...Object.entries(classes).flatMap(([uid, facts]) =>
      Object.keys(profiles).map((name): [string, number, string[], ObjectFacts] => [
        `${uid} with ${name}`,
        Number(uid),
        [name],
        joined([common, facts, profiles[name]]),
      ]),
    ),
    ...Object.entries(objects).map(([name, facts]): [string, string, readonly string[], ObjectFacts] => [
      name,
      name,
      [],
      facts,
    ]),
  ];
  test.each(definitions)("%s", (_, of, named, facts) => {
    const definition = ocsf?.definition(of, named);
    if (definition === undefined) throw new Error("OCSF has none");
    if (typeof of === "number") expect(definition.name).toBe(classes[of]?.name);
    expect(new Set(facts.some)).toEqual(new Set(definition.some));
    for (const [name, { required }] of definition.attributes)
      if (required) expect(facts.attributes[name], `${name} is required`).toMatch(/!$/);
    for (const [name, kind] of Object.entries(facts.attributes)) {
      const attribute = definition.attributes.get(name);
      expect(attribute && attribute.kind + (attribute.required ? "!" : ""), name).toBe(kind);
    }
    for (const [name, captions] of Object.entries(facts.values ?? {})) {
      const attribute = definition.attributes.get(name);
      expect(attribute?.values, name).toMatchObject(captions);
      expect(attribute?.sibling, name).toBe(siblings[name]);
    }
  });
});

describe("every event is as OCSF's classes say", () => {
  test("of the release that the table is made from", () => {
    expect(ocsfVersion).toBe(ocsfRelease);
  });

  test.each(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "constructor"])(
    "6001, %s",
    (method) => {
      for (const who of [undefined, ...kinds]) {
        const input = { ...base, request: { ...request, method }, visitor: who, policyDigest: "d" };
        const allow = webResourceEvent({
          ...input,
          decision: { allowed: true, rule: "r", reason: "group" },
          status: 200,
        });
        const deny = webResourceEvent({ ...input, decision: { allowed: false, reason: "no-rule" } });
        const report = webResourceEvent({
          ...input,
          decision: { allowed: true, reason: "report", denied: "no-rule" },
        });
        expect([...problems(allow), ...problems(deny), ...problems(report)]).toEqual([]);
      }
    },
  );

  test.each(["sign-in", "ticket", "sign-out"] as const)("3002, %s", (activity) => {
    for (const who of [undefined, ...kinds]) {
      const session = { uid: "t1", expires: 1_700_000_000 };
      const input = { ...base, activity, service: siteOrigin, visitor: who };
      const good = authenticationEvent({
        ...input,
        success: true,
        code: "signed-in",
        request,
        session,
        policyDigest: "d",
      });
      const codes = [...Object.keys(hostErrors), ...Object.keys(siteAnswers)];
      const bad = codes.map((code) => authenticationEvent({ ...input, success: false, code }));
      expect([good, ...bad].flatMap(problems)).toEqual([]);
    }
  });

  test.each(["create", "read", "update", "delete", "enable", "disable"] as const)("3004, %s", (activity) => {
    const entity = { type: "application" as const, uid: client, name: "Entra Gate" };
    const actor = { app: client, run: "https://github.example/runs/1" };
    const event = { ...base, activity, entity, actor, success: true, code: "updated", comment: "roles" };
    expect(problems(entityManagementEvent(event))).toEqual([]);
    const full = {
      ...event,
      actor: { ...actor, repository: "o/r", login: "octocat" },
      origins: [siteOrigin],
      expires: 1_800_000_000_000,
      success: false,
    };
    expect(problems(entityManagementEvent(full))).toEqual([]);
  });

  test.each(["read", "export"] as const)("6001, the audit page: %s", (activity) => {
    for (const who of [undefined, ...kinds]) {
      const input = { ...base, activity, request, visitor: who, view: "activity" };
      const events = [true, false].map((success) => auditViewEvent({ ...input, success, code: "viewer" }));
      expect(events.flatMap(problems)).toEqual([]);
    }
  });

  test("what a site's gate really writes: allowed, denied, refused, signed out, faults", async () => {
    const world = makeWorld();
    const gate = createSiteGate(config, world.deps);
    const cookie = await sessionCookie();
    const asks: [string, RequestInit][] = [
      ["/open/a", {}],
      ["/", {}],
      ["/", { headers: { cookie } }],
      ["/admin/", { headers: { cookie } }],
      ["/%2561dmin", { headers: { cookie } }],
      ["/.auth/accept", { method: "POST", headers: { origin: "https://evil.example" }, body: "x" }],
      ["/.auth/logout", { method: "POST", headers: { cookie, origin: siteOrigin } }],
      ["/open/throws", {}],
    ];
    for (const [path, init] of asks) {
      const asked = new Request(siteOrigin + path, init);
      await gate.handle({
        request: asked,
        waitUntil: world.waitUntil,
        async next(behind) {
          if (behind.url.endsWith("throws")) throw new Error("site bug");
          return new Response("content");
        },
      });
    }
    const events = await world.events();
    expect(events.length).toBeGreaterThanOrEqual(asks.length);
    expect(events.flatMap(problems)).toEqual([]);
  });

  test("what the sign-in host really writes: sign-in, ticket, refusal, sign-out, forged callback", async () => {
    const world = await createWorld();
    const browser = new Browser(world);
    await browser.signIn(await authorizeUrl());
    await browser.visit(`${hostOrigin}/.auth/callback?code=x`);
    await browser.visit(`${hostOrigin}/.auth/logout`, { method: "POST", headers: { origin: hostOrigin } });
    world.provider.visitor = { ...world.provider.visitor, groups: [] };
    await new Browser(world).signIn(await authorizeUrl());
    const events = hostEvents(world);
    expect(new Set(events.map(({ activity_name }) => activity_name))).toEqual(
      new Set(["Logon", "Ticket", "Logoff"]),
    );
    expect(events.flatMap(problems)).toEqual([]);
  });

  test("an event that is wrong is found out", () => {
    const good = JSON.parse(
      JSON.stringify(
        webResourceEvent({
          ...base,
          request,
          policyDigest: "d",
          decision: { allowed: false, reason: "no-rule" },
        }),
      ),
    );
    expect(problems(good)).toEqual([]);
    const { web_resources: _, ...without } = good;
    for (const wrong of [
      without,
      { ...good, time: "now" },
      { ...good, bogus: 1 },
      { ...good, severity_id: 55 },
      { ...good, action: "Denied!" },
      { ...good, type_uid: 600_101 },
      { ...good, class_uid: 6999 },
      { ...good, http_request: { ...good.http_request, http_method: 7 } },
      { ...good, web_resources: [{}] },
      { ...good, metadata: { ...good.metadata, profiles: ["security_control", "container"] } },
    ])
      expect(problems(wrong), JSON.stringify(wrong).slice(0, 80)).not.toEqual([]);
  });
});
