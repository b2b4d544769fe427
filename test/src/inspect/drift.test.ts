import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Application } from "../../../local/entra/directory/model.ts";
import type { Check } from "../../../src/findings.ts";
import { inspectDrift } from "../../../src/inspect/drift.ts";
import { evidenceFor } from "../../../src/steps/audit/controls.ts";
import { type HostWorld, startHostWorld } from "../host-world.ts";

const day = 86_400_000;
let world: HostWorld;
beforeAll(async () => {
  world = await startHostWorld();
});
afterAll(() => world.close());

async function inspect(): Promise<Check[]> {
  const context = await world.scheduled();
  const [site, host] = await Promise.all([
    context.cloudflare.project("site"),
    context.cloudflare.project("acme-sign-in"),
  ]);
  return inspectDrift(context, { site, host, policy: world.policy });
}

const codesOf = (checks: readonly Check[]) =>
  checks.flatMap(({ findings }) => findings.map(({ code, subject }) => `${code}: ${subject}`)).sort();

const gate = () => world.stage.entra.cast.applications.gate;
const automation = () => world.stage.entra.cast.applications.automation;

function change(objectId: string, changes: (now: Application) => Partial<Application>): void {
  const { directory } = world.stage.entra;
  const now = directory.applications.get(objectId)?.object.current;
  if (now === undefined) throw new Error("no such application");
  directory.writeApplication(objectId, { ...now, ...changes(now) });
}

/** Puts settings into a project as somebody at the dashboard would. */
async function patch(project: string, body: object): Promise<void> {
  const { cloudflare } = await world.scheduled();
  await cloudflare.patchProject(project, body);
}

describe("inspectDrift", () => {
  it("finds nothing wrong in what the action has just set up, and says what it could not read", async () => {
    // The stage's site was never deployed by a push, which would have set this.
    await patch("site", {
      deployment_configs: { preview: { fail_open: false }, production: { fail_open: false } },
    });
    const reads = world.stage.log.calls.length;
    const checks = await inspect();
    expect(codesOf(checks)).toEqual([]);
    expect(checks.every(({ code }) => evidenceFor[code] !== undefined)).toBe(true);
    const unread = checks.filter(({ notChecked }) => notChecked !== undefined);
    expect(unread.map(({ code }) => code)).toEqual(["consent"]);
    expect(unread[0]?.notChecked).toMatchObject({ who: "entra" });
    expect(unread[0]?.notChecked?.why).toContain("graph-permission-missing");
    expect(unread[0]?.notChecked?.remedy).toContain("Directory.Read.All");
    const writes = world.stage.log.calls
      .slice(reads)
      .filter(({ method, path }) => method !== "GET" && !/\/token$|\/query$/.test(path));
    expect(writes).toEqual([]);
  });

  it("finds what somebody changed at Cloudflare, in both environments", async () => {
    const { cloudflare } = world.stage;
    const database = cloudflare.project("acme-sign-in")?.configs.production.d1_databases["GATE_DB"]?.id;
    await patch("site", {
      deployment_configs: {
        preview: {
          fail_open: true,
          env_vars: { ENTRA_CLIENT_SECRET: { type: "secret_text", value: "x" } },
          d1_databases: { DB: { id: database } },
        },
      },
    });
    await patch("acme-sign-in", {
      deployment_configs: {
        preview: { fail_open: true, env_vars: { LEFT: { type: "plain_text", value: "over" } } },
        production: {
          kv_namespaces: { KV: { namespace_id: "k" } },
          env_vars: {
            ENTRA_TENANT_ID: { type: "plain_text", value: "another" },
            GATE_ENVIRONMENT: { type: "plain_text", value: "preview" },
            DEBUG: { type: "plain_text", value: "1" },
            GATE_COOKIE_ACTIVE: { type: "plain_text", value: "20200101_AAAAAA" },
            GATE_COOKIE_KEY_20200101_AAAAAA: { type: "plain_text", value: "seen by everybody" },
          },
        },
      },
    });
    cloudflare.addDomain("site", `new.localhost:${cloudflare.port}`);
    await cloudflare.sql(
      "acme-sign-in",
      "UPDATE sites SET data = json_insert(data, '$.origins[#]', 'https://gone.example')",
    );
    const checks = (await inspect()).filter(({ code }) =>
      ["site-settings", "domains", "host-settings", "host-keys"].includes(code),
    );
    expect(codesOf(checks)).toEqual([
      `domain-unknown: site http://new.localhost:${cloudflare.port}`,
      "host-behind-settings: acme-sign-in",
      "host-binding-foreign: acme-sign-in",
      "host-database-elsewhere: site",
      "host-preview-settings: acme-sign-in",
      "host-secret-plain: acme-sign-in",
      "host-variable-differs: acme-sign-in",
      "host-variable-foreign: acme-sign-in",
      "host-variable-foreign: acme-sign-in",
      "key-ended: acme-sign-in 20200101_AAAAAA",
      "origin-not-served: site https://gone.example",
      "project-fails-open: acme-sign-in",
      "project-fails-open: site",
      "secret-at-site: site",
    ]);
    for (const { text, remedy } of checks.flatMap(({ findings }) => findings)) {
      expect(`${text} ${remedy}`).not.toContain("seen by everybody");
      expect(remedy.length).toBeGreaterThan(20);
    }
  });

  it("finds what somebody changed at Entra", async () => {
    const { entra, clock } = world.stage;
    const { directory } = entra;
    const role = { id: "0", value: "Old.Role", displayName: "Old", description: "", isEnabled: true };
    const secret = {
      keyId: "aaaaaaaa-0000-4000-8000-000000000001",
      displayName: "by hand",
      startDateTime: new Date(clock.now()).toISOString(),
      endDateTime: new Date(clock.now() + day).toISOString(),
      hint: "",
      digest: "",
      usableFrom: 0,
    };
    change(gate().objectId, (now) => ({
      isFallbackPublicClient: true,
      groupMembershipClaims: "All",
      appRoles: [
        ...now.appRoles.map((one) => ({ ...one, isEnabled: false })),
        { ...role, allowedMemberTypes: ["User"] },
      ],
      web: {
        ...now.web,
        redirectUris: [
          ...now.web.redirectUris,
          ...now.web.redirectUris.map((uri) => `${uri}/old`),
          "https://evil.example/.auth/callback",
          "https://*.pages.dev/.auth/callback",
        ],
        implicitGrantSettings: { enableIdTokenIssuance: true, enableAccessTokenIssuance: false },
      },
      passwordCredentials: [...now.passwordCredentials, secret],
      optionalClaims: now.optionalClaims && {
        ...now.optionalClaims,
        idToken: [
          ...now.optionalClaims.idToken.filter(({ name }) => name !== "auth_time"),
          { name: "groups", source: null, essential: false, additionalProperties: ["emit_as_roles"] },
        ],
      },
    }));
    change(automation().objectId, () => ({ passwordCredentials: [secret] }));
    directory.applications.get(gate().objectId)?.owners.add(entra.cast.people.outsider.oid);
    const trust = { issuer: world.stage.github.issuer, description: null };
    const subjects = ["repo:acme/site:pull_request", "repo:acme/site:ref:refs/heads/main", "repo:acme/*:x"];
    for (const [index, subject] of subjects.entries())
      directory.addFederatedCredential(automation().appId, {
        ...trust,
        name: `extra-${index}`,
        subject,
        audience: "api://AzureADTokenExchange",
      });
    directory.addFederatedCredential(gate().appId, {
      ...trust,
      name: "stranger",
      subject: subjects[0] ?? "",
      audience: "api://AzureADTokenExchange",
    });
    directory.assignRole(entra.cast.people.reviewer.oid, gate().appId);
    clock.advance(60_000);
    const { appId } = gate();
    const checks = (await inspect()).filter(
      ({ code }) => !["site-settings", "domains", "host-settings", "host-keys"].includes(code),
    );
    expect(codesOf(checks)).toEqual(
      [
        `application-public-client: ${appId}`,
        `assignment-not-required: ${appId}`,
        `automation-has-credential: ${automation().appId} ${secret.keyId}`,
        `claim-missing: ${appId}`,
        `claim-rewrites-groups: ${appId}`,
        `credential-unknown: ${appId} ${secret.keyId}`,
        `federation-branch: ${automation().appId} extra-1`,
        `federation-foreign: ${appId} stranger`,
        `federation-pattern: ${automation().appId} extra-2`,
        `federation-pull-request: ${automation().appId} extra-0`,
        `group-claims-wide: ${appId}`,
        `implicit-grant: ${appId}`,
        `owner-extra: ${appId} application ${entra.cast.people.outsider.oid}`,
        `redirect-uri-foreign: ${appId} https://evil.example/.auth/callback`,
        `redirect-uri-unused: ${appId} ${world.origin}/.auth/callback/old`,
        `redirect-uri-wildcard: ${appId} https://*.pages.dev/.auth/callback`,
        `role-disabled: ${appId} Site.Admin`,
        `role-unused: ${appId} Old.Role`,
      ].sort(),
    );
  });
});
