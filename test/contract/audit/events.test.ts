import { describe, expect, test } from "vitest";
import {
  authenticationEvent,
  entityManagementEvent,
  webResourceEvent,
} from "../../../contract/audit/events.ts";
import type { AuditContext, AuditEvent } from "../../../contract/audit/model.ts";
import { client, tenant, visitor } from "../policy/fixtures.ts";

const context: AuditContext = {
  role: "site",
  version: "1.2.3",
  project: "demo",
  environment: "preview",
  bundle: "b".repeat(32),
  commit: "c".repeat(40),
  pullRequest: 7,
};
const occurrence = { context, time: 1_700_000_000_000, uid: "event-1", reference: "ref-1" };
const who = visitor();
const request = {
  method: "GET",
  url: new URL("https://user:password@x.demo.example/admin/?code=SECRET#SECRET"),
  ray: "8a1b2c3d4e5f-FRA",
};

/** As it is written: members that are undefined are gone. */
function written(event: AuditEvent) {
  return JSON.parse(JSON.stringify(event));
}

const allowed = webResourceEvent({
  ...occurrence,
  request,
  decision: { allowed: true, rule: "preview.rules[1]", reason: "group" },
  visitor: who,
  policyDigest: "d".repeat(32),
  status: 200,
});

describe("every event", () => {
  const events = [
    allowed,
    authenticationEvent({
      ...occurrence,
      activity: "sign-in",
      success: true,
      code: "signed-in",
      service: "x",
      visitor: who,
    }),
    entityManagementEvent({
      ...occurrence,
      activity: "update",
      success: true,
      code: "updated",
      entity: { type: "application", uid: client },
      actor: { app: client },
    }),
  ];

  test.each(events)("has what OCSF's base event requires: $class_uid", (event) => {
    expect(event).toMatchObject({
      metadata: { version: "1.8.0", uid: "event-1", product: { name: "Entra Gate", version: "1.2.3" } },
      time: 1_700_000_000_000,
      category_uid: Math.floor(event.class_uid / 1000),
      type_uid: event.class_uid * 100 + event.activity_id,
      severity_id: 1,
      severity: "Informational",
      status_id: 1,
      status: "Success",
    });
  });

  test.each(events)("names the deployment: $class_uid", (event) => {
    expect(event["unmapped"]).toMatchObject({
      project: "demo",
      environment: "preview",
      commit: context.commit,
      pull_request: 7,
      reference: "ref-1",
    });
  });

  test.each(events)("holds no query, fragment or user info of an address: $class_uid", (event) => {
    expect(JSON.stringify(event)).not.toMatch(/SECRET|password|code=/);
  });
});

describe("6001 Web Resources Activity", () => {
  test("allowed", () => {
    expect(written(allowed)).toMatchObject({
      class_uid: 6001,
      activity_id: 2,
      type_uid: 600_102,
      metadata: { profiles: ["security_control", "host"] },
      status_code: "group",
      action_id: 1,
      disposition_id: 1,
      actor: { user: { uid: who.oid, name: "Somebody", type_id: 1, org: { uid: tenant } } },
      web_resources: [{ name: "/admin/", url_string: "https://x.demo.example/admin/" }],
      http_request: {
        uid: request.ray,
        http_method: "GET",
        url: { hostname: "x.demo.example", path: "/admin/" },
      },
      http_response: { code: 200 },
      policy: { uid: "d".repeat(32), name: "preview" },
      firewall_rule: { uid: "preview.rules[1]" },
    });
  });

  test.each([
    ["sign-in", 1],
    ["not-admitted", 2],
    ["ambiguous-path", 2],
    ["path-unreadable", 2],
  ])("denied: %s, severity %i", (reason, severity) => {
    const event = webResourceEvent({
      ...occurrence,
      request,
      decision: { allowed: false, reason },
      policyDigest: "d",
    });
    expect(written(event)).toMatchObject({
      severity_id: severity,
      status_id: 2,
      status_code: reason,
      action_id: 2,
      action: "Denied",
      disposition_id: 2,
      disposition: "Blocked",
    });
    expect(written(event)).not.toHaveProperty("actor");
    expect(written(event)).not.toHaveProperty("firewall_rule");
  });

  test.each([
    ["HEAD", 2],
    ["POST", 1],
    ["PATCH", 3],
    ["DELETE", 4],
    ["PROPFIND", 99],
  ])("%s is activity %i", (method, activity) => {
    const decision = { allowed: false, reason: "no-rule" } as const;
    const event = webResourceEvent({
      ...occurrence,
      request: { ...request, method },
      decision,
      policyDigest: "d",
    });
    expect(event).toMatchObject({ activity_id: activity, type_uid: 600_100 + activity });
  });
});

describe("3002 Authentication", () => {
  test("a ticket, by id and end only", () => {
    const event = authenticationEvent({
      ...occurrence,
      activity: "ticket",
      success: true,
      code: "ticket-issued",
      service: "https://x.demo.example",
      visitor: visitor({ kind: "app", app: client }),
      request,
      policyDigest: "d",
      session: { uid: "jti-1", expires: 1_700_003_600 },
    });
    expect(written(event)).toMatchObject({
      class_uid: 3002,
      activity_id: 99,
      activity_name: "Ticket",
      type_uid: 300_299,
      user: { uid: who.oid, uid_alt: client, type_id: 4, org: { uid: tenant } },
      service: { name: "https://x.demo.example" },
      auth_protocol_id: 4,
      session: { uid: "jti-1", expiration_time: 1_700_003_600_000 },
      unmapped: { visitor_kind: "app", policy_digest: "d" },
    });
  });

  test("a refusal of somebody unknown still names a user, as OCSF requires", () => {
    const input = {
      ...occurrence,
      activity: "sign-in",
      success: false,
      code: "id-token-nonce",
      service: "h",
    } as const;
    expect(written(authenticationEvent(input))).toMatchObject({
      activity_id: 1,
      status_id: 2,
      severity_id: 2,
      status_code: "id-token-nonce",
      user: { name: "unknown", type_id: 0 },
    });
  });

  test("a sign-out", () => {
    const input = {
      ...occurrence,
      activity: "sign-out",
      success: true,
      code: "signed-out",
      service: "h",
      visitor: who,
    } as const;
    expect(authenticationEvent(input)).toMatchObject({ activity_id: 2, type_uid: 300_202 });
  });
});

test("3004 Entity Management", () => {
  const event = entityManagementEvent({
    ...occurrence,
    activity: "create",
    success: false,
    code: "graph-request-refused",
    entity: { type: "credential", uid: "key-1", name: "entra-gate 2026-11" },
    actor: {
      app: client,
      run: "https://github.example/o/r/actions/runs/1",
      repository: "o/r",
      login: "octocat",
    },
    expires: 1_800_000_000_000,
    comment: "rotated",
  });
  expect(written(event)).toMatchObject({
    class_uid: 3004,
    activity_id: 1,
    type_uid: 300_401,
    status_id: 2,
    actor: { app_uid: client, user: { name: "octocat", domain: "github.com" } },
    entity: { type_id: 99, type: "credential", uid: "key-1" },
    comment: "rotated",
    unmapped: {
      run: "https://github.example/o/r/actions/runs/1",
      repository: "o/r",
      expires: 1_800_000_000_000,
    },
  });
});
