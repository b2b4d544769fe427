import { describe, expect, it } from "vitest";
import type { Project } from "../../../src/clients/cloudflare-model.ts";
import type { InspectedApplication, InspectedPrincipal, Trust } from "../../../src/clients/graph-inspect.ts";
import { ActionError } from "../../../src/errors.ts";
import type { Finding } from "../../../src/findings.ts";
import { claims, registration, roles } from "../../../src/inspect/application.ts";
import { look } from "../../../src/inspect/check.ts";
import { found } from "../../../src/inspect/codes.ts";
import { credentials, keyAges } from "../../../src/inspect/credentials.ts";
import { access, consent, graphPermission, owners } from "../../../src/inspect/directory.ts";
import { domains } from "../../../src/inspect/domains.ts";
import { environmentFindings } from "../../../src/inspect/environment.ts";
import { automationTrusts, gateTrusts, trustCommand } from "../../../src/inspect/federation.ts";
import type { Known } from "../../../src/inspect/known.ts";
import { siteProject } from "../../../src/inspect/project.ts";
import { redirectUris } from "../../../src/inspect/redirect-uris.ts";
import { actionUses } from "../../../src/inspect/workflow-file.ts";
import { workflows } from "../../../src/inspect/workflows.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 25);
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code).sort();

const application: InspectedApplication = {
  id: "object",
  appId: "app",
  displayName: "Gate",
  appRoles: [],
  optionalClaims: {
    idToken: ["acct", "acrs", "auth_time", "login_hint", "sid"].map((name) => ({ name })),
    accessToken: [{ name: "idtyp" }],
  },
  groupMembershipClaims: "SecurityGroup",
  web: { redirectUris: ["https://h.pages.dev/.auth/callback"] },
  spa: { redirectUris: [] },
  publicClient: { redirectUris: [] },
  passwordCredentials: [],
  keyCredentials: [],
};
const known = (changes: Partial<Known> = {}): Known => ({
  roles: new Set(),
  groups: new Set(["g"]),
  origins: new Map([["site", ["https://site.pages.dev"]]]),
  complete: true,
  ...changes,
});
const project = (env: Record<string, string>, changes: Partial<Project> = {}): Project => ({
  name: "host",
  subdomain: "host.pages.dev",
  domains: ["host.pages.dev"],
  deployment_configs: {
    preview: { fail_open: false },
    production: {
      fail_open: false,
      env_vars: Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, { type: "plain_text", value }]),
      ),
    },
  },
  ...changes,
});

describe("the gate application", () => {
  it("is as it should be, or says what is not", () => {
    expect(codes(registration(application))).toEqual([]);
    expect(codes(claims(application, known()))).toEqual([]);
    const odd = {
      ...application,
      signInAudience: "AzureADMultipleOrgs",
      api: { requestedAccessTokenVersion: 3 },
    };
    expect(codes(registration(odd))).toEqual(["application-not-single-tenant", "token-version-odd"]);
    const none = { ...application, groupMembershipClaims: "None", optionalClaims: null };
    expect(codes(claims(none, known()))).toEqual([
      ...Array.from({ length: 6 }, () => "claim-missing"),
      "group-claims-missing",
    ]);
    expect(
      codes(claims({ ...none, optionalClaims: application.optionalClaims }, known({ groups: new Set() }))),
    ).toEqual([]);
  });

  it("has no unused role while a site may be missing in what is known", () => {
    const role = { id: "r", value: "A", isEnabled: true, allowedMemberTypes: ["User"] };
    const withRole = { ...application, appRoles: [role] };
    expect(codes(roles(withRole, known()))).toEqual(["role-unused"]);
    expect(codes(roles(withRole, known({ complete: false })))).toEqual([]);
    expect(codes(roles(withRole, known({ roles: new Set(["A", "B"]) })))).toEqual(["role-missing"]);
  });

  it("wants the host's own redirect URI, of the platform Web", () => {
    const at = (web: string[], spa: string[] = []) =>
      codes(
        redirectUris(
          { ...application, web: { redirectUris: web }, spa: { redirectUris: spa } },
          "https://h.pages.dev",
          known(),
        ),
      );
    const own = "https://h.pages.dev/.auth/callback";
    expect(at([own])).toEqual([]);
    expect(at([])).toEqual(["redirect-uri-missing"]);
    expect(at([own], [own])).toEqual(["redirect-uri-unused", "redirect-uri-unused"]);
    expect(at([own, "https://site.pages.dev/.auth/callback"])).toEqual(["redirect-uri-unused"]);
    expect(at([own, "http://localhost:8788/.auth/callback"])).toEqual(["redirect-uri-foreign"]);
  });
});

describe("what ends", () => {
  const at = (start: number, end: number) => ({
    keyId: "k",
    displayName: "entra-gate host 2026-09-01 run 7",
    startDateTime: new Date(start).toISOString(),
    endDateTime: new Date(end).toISOString(),
  });
  const host = project({ GATE_ENTRA_KEY_ID: "K" });
  const of = (credential: ReturnType<typeof at>) =>
    codes(credentials({ ...application, passwordCredentials: [credential] }, host, now));

  it("is said of a credential when renewal is late, and when it is over or gone", () => {
    expect(of(at(now - 70 * day, now + 20 * day))).toEqual([]);
    expect(of(at(now - 76 * day, now + 14 * day))).toEqual(["credential-ends"]);
    expect(of(at(now - 90 * day, now))).toEqual(["credential-ended"]);
    expect(codes(credentials(application, host, now))).toEqual(["credential-ended"]);
    expect(codes(credentials(application, project({ GATE_ENTRA_KEY_ID: "federated" }), now))).toEqual([]);
  });

  it("is said of keys, by the day in their ids", () => {
    const keys = (signing: string, cookie: string) =>
      codes(keyAges(project({ GATE_SIGNING_ACTIVE: signing, GATE_COOKIE_ACTIVE: cookie }), now));
    expect(keys("20261101_AAAAAA", "20260801_AAAAAA")).toEqual([]);
    expect(keys("20260701_AAAAAA", "20260101_AAAAAA")).toEqual(["key-ended", "key-ends"]);
    expect(keys("20261101_AAAAAA", "nothing")).toEqual(["key-ended"]);
  });
});

describe("who may", () => {
  const principal: InspectedPrincipal = {
    id: "sp",
    appId: "app",
    accountEnabled: true,
    appRoleAssignmentRequired: true,
  };
  const none = "00000000-0000-0000-0000-000000000000";
  const assigned = (principalType: string, appRoleId = none) => ({
    ...{ appRoleId, principalType, principalId: "p", resourceId: "sp" },
  });

  it("sign in", () => {
    expect(codes(access(principal, [assigned("Group")]))).toEqual([]);
    expect(codes(access(principal, [assigned("ServicePrincipal")]))).toEqual(["nobody-assigned"]);
    const open = { ...principal, appRoleAssignmentRequired: false, accountEnabled: false };
    expect(codes(access(open, [assigned("User", "a role")]))).toEqual(["principal-disabled"]);
    expect(codes(access(open, [assigned("Group")]))).toContain("assignment-not-required");
    const grant = (consentType: string, scope: string) => ({ consentType, scope });
    expect(codes(consent(principal, [grant("AllPrincipals", "openid profile User.Read")]))).toEqual([]);
    expect(codes(consent(principal, [grant("Principal", "openid profile User.Read")]))).toEqual([
      "consent-missing",
    ]);
  });

  it("write the application", () => {
    const owner = (id: string) => ({ "@odata.type": "", id, displayName: "Mallory; rm -rf /" });
    expect(codes(owners("application", application, [owner("auto")], "auto"))).toEqual([]);
    const findings = owners("service principal", application, [owner("other")], "auto");
    expect(codes(findings)).toEqual(["owner-extra", "owner-missing"]);
    for (const { remedy } of findings) expect(remedy).toContain("/owners/");
    const all = "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9";
    expect(codes(graphPermission("auto", [assigned("ServicePrincipal", all)]))).toEqual([
      "graph-permission-wide",
    ]);
    expect(codes(graphPermission("auto", []))).toEqual(["graph-permission-missing"]);
  });

  it("be the automation, or the host", () => {
    const issuer = "https://token.actions.githubusercontent.com";
    const aud = "api://AzureADTokenExchange";
    const trust = (subject: string | null, more: Partial<Trust> = {}): Trust => ({
      ...{ name: "n", issuer, subject, audiences: [aud] },
      ...more,
    });
    const of = (one: Trust) => codes(automationTrusts(application, [one], issuer));
    expect(of(trust("repo:a/b:environment:entra-gate"))).toEqual([]);
    expect(of(trust("repo:a@1/b@2:environment:entra-gate"))).toEqual([]);
    expect(of(trust("repo:a/b:pull_request"))).toEqual(["federation-pull-request"]);
    expect(of(trust("repo:a/b:ref:refs/tags/v1"))).toEqual(["federation-branch"]);
    expect(
      of(trust(null, { claimsMatchingExpression: { value: "claims['sub'] matches 'repo:a/*'" } })),
    ).toEqual(["federation-pattern"]);
    expect(of(trust("repo:a/b:environment:x", { audiences: ["other"] }))).toEqual(["federation-audience"]);
    expect(of(trust("x", { issuer: "https://gitlab.com" }))).toEqual(["federation-foreign"]);
    const host = { issuer: "https://h.pages.dev", subject: "entra-gate-sign-in-host" };
    expect(codes(gateTrusts(application, [trust(null, host)], "https://h.pages.dev"))).toEqual([]);
    expect(codes(gateTrusts(application, [trust(null, host)], "https://other.pages.dev"))).toEqual([
      "federation-foreign",
    ]);
  });
});

describe("where production lives", () => {
  const site = project({}, { name: "site", subdomain: "site.pages.dev", domains: ["site.pages.dev"] });

  it("is known to both, and active", () => {
    const known = ["https://site.pages.dev"];
    expect(codes(domains(site, [{ name: "www.x.example", status: "active" }], known))).toEqual([]);
    expect(codes(domains(site, [{ name: "www.x.example", status: "pending" }], known))).toEqual([
      "domain-inactive",
    ]);
    expect(codes(domains(site, [], undefined))).toEqual([]);
  });

  it("may be open, and sign in for itself; previews never", () => {
    const secret = { ENTRA_CLIENT_SECRET: "x" };
    const of = (one: Project, productionGated = true) =>
      codes(siteProject({ project: one, productionGated, hostDatabase: undefined }));
    expect(of(project(secret))).toEqual(["secret-at-site"]);
    expect(of(project({ ...secret, GATE_ROLE: "standalone" }))).toEqual([]);
    expect(of(project({}, { production_branch: "PR-7" }))).toEqual(["branch-is-production"]);
    const git = { type: "github", config: { production_deployments_enabled: true } };
    expect(of(project({}, { source: git }))).toEqual(["project-builds-itself", "project-builds-itself"]);
    expect(of(project({}, { source: git }), false)).toEqual(["project-builds-itself"]);
    const open = { preview: { fail_open: false }, production: {} };
    expect(of(project({}, { deployment_configs: open }), false)).toEqual([]);
  });
});

describe("GitHub", () => {
  const branch = (name: string) => ({ name, type: "branch" });
  const of = (kind: "all" | "protected" | "patterns", ...patterns: { name: string; type: string }[]) =>
    codes(environmentFindings("a/b", "entra-gate", { kind, patterns }, "main"));

  it("has an environment that admits the default branch, and nothing else", () => {
    expect(of("patterns", branch("main"))).toEqual([]);
    expect(of("patterns")).toEqual(["environment-admits-nobody"]);
    expect(of("protected")).toEqual(["environment-admits-others"]);
    expect(of("patterns", branch("*"))).toEqual(["environment-admits-others"]);
    expect(of("patterns", branch("main"), { name: "main", type: "tag" })).toEqual([
      "environment-admits-others",
    ]);
    expect(codes(environmentFindings("a/b", "x", undefined, "main"))).toEqual(["environment-missing"]);
  });

  it("has workflows: which jobs use the action, and what is known of a file", () => {
    const text = (on: string, more = "") =>
      `on: ${on}\njobs:\n  one:\n    environment: { name: entra-gate }\n    steps: [{ uses: acme/entra-gate@v1 }]\n${more}`;
    expect(actionUses("a.yml", "on: [push", "")).toEqual([]);
    expect(actionUses("a.yml", text("push"), "other/entra-gate")).toEqual([]);
    expect(actionUses("a.yml", text("[push, schedule]"), "Acme/Entra-Gate")).toMatchObject([
      { job: "one", triggers: ["push", "schedule"], environment: "entra-gate", command: "" },
    ]);
    const gate = actionUses(
      "dir/a b.yml",
      text("{ workflow_run: {}, schedule: [] }", "permissions: write-all"),
      "",
    );
    expect(codes(workflows("a/b", gate, new Map()))).toEqual([]);
    const off = workflows("a/b", gate, new Map([["dir/a b.yml", "disabled_inactivity"]]));
    expect(codes(off)).toEqual(["workflow-off"]);
    expect(off[0]?.remedy).toContain("gh workflow enable 'a b.yml'");
    expect(codes(workflows("a/b", [], new Map()))).toEqual(["workflow-missing"]);
    const silent = actionUses("a.yml", text("workflow_run", "permissions:"), "");
    expect(codes(workflows("a/b", silent, new Map()))).toEqual([
      "schedule-missing",
      "workflow-permission-missing",
    ]);
  });
});

describe("what is said", () => {
  it("obeys nothing that comes from outside, in a text or in a command", () => {
    const subject = "x'\n::set-output name=a::b\u202e$(touch /tmp/x)";
    const command = trustCommand("app", { iss: "i", sub: subject, aud: "a" });
    expect(command).toContain(`'\\''`);
    expect(command).not.toMatch(/[^\\]'[^ ]*\$\(touch[^']*$/);
    const finding = found("owner-extra", { subject, text: subject, remedy: command });
    for (const text of [finding.subject, finding.text, finding.remedy]) {
      expect(text).not.toContain("\n");
      expect(text).not.toContain("\u202e");
    }
  });

  it("is why nothing is known, with who may grant what", async () => {
    const asked = { service: "Microsoft Graph", call: "GET /x", needs: "P", grantedBy: "somebody" };
    const denied = new ActionError("graph-permission-missing", "status 403", { asked });
    const work = async () => {
      throw denied;
    };
    const common = { code: "c", subject: "s", work };
    const check = await look(() => now, common);
    expect(check).toMatchObject({ findings: [], notChecked: { who: "entra" } });
    expect(check.notChecked?.why).toContain("It takes P; who may grant it: somebody");
    const needs = { remedy: "another", who: "entra" } as const;
    expect((await look(() => now, { ...common, needs })).notChecked).toEqual({
      why: "graph-permission-missing: Microsoft Graph, GET /x",
      ...needs,
    });
    const late = { ...common, work: async () => Promise.reject(new ActionError("deadline-exceeded")) };
    await expect(look(() => now, late)).rejects.toMatchObject({ code: "deadline-exceeded" });
  });
});
