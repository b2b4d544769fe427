import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { importCookieKey, importSigningKey } from "../../../pages-plugin/src/session/keys.ts";
import type { Project } from "../../../src/clients/cloudflare-model.ts";
import type { ActionContext } from "../../../src/context.ts";
import { findApplication } from "../../../src/steps/entra.ts";
import { hostDigest, hostFiles } from "../../../src/steps/sign-in-bundle.ts";
import { deleteOldHosts, hostDeployment } from "../../../src/steps/sign-in-deployment.ts";
import { configureHost, existingHost, prepareHostProject } from "../../../src/steps/sign-in-host.ts";
import { isNewer } from "../../../src/steps/sign-in-status.ts";
import { plainVariables } from "../../../src/steps/sign-in-variables.ts";
import { migrate, siteRow, writeSiteRow } from "../../../src/steps/site-row.ts";
import { policy as policyJson, type Stage, startStage } from "../stage.ts";
import { failure, type Recorded } from "../support.ts";

let stage: Stage;
let context: ActionContext;
let log: Recorded;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.faults.clear();
  ({ context, log } = stage.context(await stage.buildRun({})));
});

const name = "acme-sign-in";
const options = {
  owner: { host: name, runId: 1 },
  code: "code",
  compatibilityDate: "2026-11-01",
  credential: "secret" as "secret" | "certificate",
  rotate: false,
  heardOf: new Set<string>(),
};
const parsed = parsePolicy(policyJson);
if (!parsed.ok) throw new Error("the test's policy is wrong");
const { policy } = parsed;

async function configured(change: Partial<typeof options> = {}) {
  stage.clock.advance(60_000);
  const host = await prepareHostProject(context.cloudflare, name, await context.cloudflare.project(name));
  const { tenantId, entraAuthority: authority, graphUrl } = context.inputs;
  const application = await findApplication(context.graph, stage.entra.cast.applications.gate.appId);
  const identity = { origin: host.origin, tenantId, clientId: application.appId, authority, graphUrl };
  const deps = { ...context, runIsOver: async () => true };
  return { host, result: await configureHost(deps, host, application, identity, { ...options, ...change }) };
}

const cloudflareWrites = () => stage.log.count("cloudflare", ({ method }) => method === "PATCH");
const secretsMade = () => stage.log.count("graph", ({ path }) => path.endsWith("/addPassword"));
const variables = () => stage.cloudflare.project(name)?.configs.production.env_vars ?? {};

describe("configureHost", () => {
  it("writes credential, keys, variables and binding in one PATCH, then nothing more", async () => {
    const before = cloudflareWrites();
    const { host, result } = await configured();
    expect(cloudflareWrites()).toBe(before + 1);
    expect(variables()["GATE_ROLE"]?.value).toBe("host");
    expect(variables()["GATE_ENTRA_KEY_ID"]?.value).toBe(result.entraKeyId);
    expect(variables()["ENTRA_CLIENT_SECRET"]?.type).toBe("secret_text");
    expect(stage.cloudflare.project(name)?.configs.production.fail_open).toBe(false);
    const secrets = Object.values(variables()).filter(({ type }) => type === "secret_text");
    for (const { value } of secrets) expect(log.masked).toContain(value);
    const again = await configured();
    expect(again.host.databaseId).toBe(host.databaseId);
    expect(again.result).toMatchObject({ changes: [], bundle: result.bundle, entraKeyId: result.entraKeyId });
    expect(cloudflareWrites()).toBe(before + 1);
    expect(secretsMade()).toBe(1);
  });

  it("makes keys that the sign-in host can read", async () => {
    const secrets = Object.entries(variables()).filter(([, { type }]) => type === "secret_text");
    expect(secrets.length).toBe(3);
    for (const [key, { value }] of secrets) {
      if (key.startsWith("GATE_SIGNING_KEY_")) await importSigningKey(key.slice(17), value);
      if (key.startsWith("GATE_COOKIE_KEY_")) await importCookieKey(key.slice(16), value);
    }
  });

  it("tells names of what it changed, never a value", async () => {
    const all = Object.values(variables()).filter(({ type }) => type === "secret_text");
    const { result } = await configured();
    for (const { value } of all) expect(JSON.stringify([result, log.lines])).not.toContain(value);
  });

  it("puts a variable right that somebody wiped, and keeps the keys", async () => {
    const kid = variables()["GATE_SIGNING_ACTIVE"]?.value;
    await context.cloudflare.patchProject(name, {
      deployment_configs: {
        production: {
          env_vars: { GATE_SIGNING_ACTIVE: null, GATE_ENVIRONMENT: { type: "plain_text", value: "preview" } },
        },
      },
    });
    const { result } = await configured();
    expect(result.changes).toHaveLength(2);
    expect(variables()["GATE_SIGNING_ACTIVE"]?.value).toBe(kid);
    expect(variables()["GATE_ENVIRONMENT"]).toBeUndefined();
  });

  it("makes a new secret where the stored one is gone from the application", async () => {
    const application = await findApplication(context.graph, stage.entra.cast.applications.gate.appId);
    const old = variables()["GATE_ENTRA_KEY_ID"]?.value ?? "";
    await context.graph.removePassword(application.id, old);
    const { result } = await configured();
    expect(result.entraKeyId).not.toBe(old);
    expect(result.previousKeyId).toBe(old);
    expect(variables()["GATE_ENTRA_KEY_ID"]?.value).toBe(result.entraKeyId);
  });

  it("with rotate replaces the secret at once, publishes new keys, and uses them once they were heard of", async () => {
    const ids = (kind: string) => ({
      active: variables()[`GATE_${kind}_ACTIVE`]?.value ?? "",
      next: variables()[`GATE_${kind}_NEXT`]?.value ?? "",
      there: Object.keys(variables())
        .filter((key) => key.startsWith(`GATE_${kind}_KEY_`))
        .map((key) => key.slice(`GATE_${kind}_KEY_`.length))
        .sort(),
    });
    const before = {
      signing: ids("SIGNING"),
      cookie: ids("COOKIE"),
      secret: variables()["GATE_ENTRA_KEY_ID"],
    };
    const first = await configured({ rotate: true });
    expect(variables()["GATE_ENTRA_KEY_ID"]).not.toEqual(before.secret);
    const published = { signing: ids("SIGNING"), cookie: ids("COOKIE") };
    for (const kind of ["signing", "cookie"] as const) {
      expect(published[kind].active).toBe(before[kind].active);
      expect(published[kind].next).not.toBe("");
      expect(published[kind].there).toEqual([before[kind].active, published[kind].next].sort());
    }

    const unheard = await configured();
    expect(unheard.result).toMatchObject({ changes: [], bundle: first.result.bundle });
    const heardOf = new Set([...published.signing.there, ...published.cookie.there]);
    const second = await configured({ heardOf });
    expect(second.result.bundle).not.toBe(first.result.bundle);
    expect(ids("SIGNING")).toEqual({ ...published.signing, active: published.signing.next, next: "" });
    expect(ids("COOKIE")).toEqual({ ...published.cookie, active: published.cookie.next, next: "" });

    const value = new Date(stage.clock.now() - 26 * 3_600_000).toISOString();
    await context.cloudflare.patchProject(name, {
      deployment_configs: { production: { env_vars: { GATE_SIGNING_SINCE: { type: "plain_text", value } } } },
    });
    const third = await configured({ heardOf });
    expect(third.result.bundle).not.toBe(second.result.bundle);
    expect(ids("SIGNING").there).toEqual([published.signing.next]);
    expect(ids("COOKIE").there).toEqual(published.cookie.there);
    expect((await configured({ heardOf })).result.changes).toEqual([]);
  });

  it("with a certificate instead: the key takes the secret's place, and stays", async () => {
    const { result } = await configured({ credential: "certificate" });
    const key = variables()["ENTRA_CLIENT_KEY"];
    expect(key?.type).toBe("secret_text");
    expect(variables()["ENTRA_CLIENT_SECRET"]).toBeUndefined();
    expect(variables()["GATE_ENTRA_KEY_ID"]?.value).toBe(result.entraKeyId);
    expect(log.masked).toContain(JSON.parse(key?.value ?? "{}").d);
    const application = stage.entra.directory.application(stage.entra.cast.applications.gate.appId);
    expect(application?.keyCredentials.map(({ keyId }) => keyId)).toEqual([result.entraKeyId]);
    expect((await configured({ credential: "certificate" })).result).toMatchObject({
      changes: [],
      bundle: result.bundle,
    });
    const back = await configured();
    expect(back.result.previousKeyId).toBe(result.entraKeyId);
    expect(variables()["ENTRA_CLIENT_KEY"]).toBeUndefined();
  });

  it("says so when settings do not stay", async () => {
    const body = JSON.stringify({
      success: true,
      errors: [],
      result: await context.cloudflare.project(name),
    });
    await context.cloudflare.patchProject(name, {
      deployment_configs: { production: { env_vars: { GATE_ROLE: null } } },
    });
    stage.faults.add({ service: "cloudflare", method: "PATCH", what: { kind: "answer", status: 200, body } });
    expect((await failure(configured())).code).toBe("project-settings-lost");
  });
});

describe("the site's row", () => {
  const site: Project = {
    name: "site",
    subdomain: "site.pages.dev",
    domains: ["site.pages.dev", "www.example.com"],
    deployment_configs: { preview: {}, production: {} },
  };
  let database: string;
  beforeAll(async () => {
    const made = await stage.context(await stage.buildRun({})).context.cloudflare.createDatabase("rows");
    database = made.uuid;
  });

  it("names origins and entries, without a production that is open", async () => {
    const row = await siteRow(site, policy);
    expect(row.origins).toEqual(["https://site.pages.dev", "https://www.example.com"]);
    expect(row.entries.production).toEqual(entryOf(await compilePolicy(policy, "production")));
    const open = await siteRow(site, { ...policy, production: "open" });
    expect(Object.keys(open.entries)).toEqual(["preview"]);
    expect(Object.keys(row)).not.toContain("keep");
    expect((await siteRow(site, { ...policy, audit: { keep: 86_400 } })).keep).toBe(86_400);
    const viewers = { groups: ["reviewers"], roles: ["Audit"] };
    expect(await siteRow(site, { ...policy, audit: { viewers } }, true)).toMatchObject({
      owner: true,
      viewers: { groups: [policy.groups["reviewers"]], roles: ["Audit"] },
    });
    expect(Object.keys(row)).not.toContain("owner");
  });

  it("is written where it differs and leaves others alone", async () => {
    const { cloudflare } = context;
    await migrate(cloudflare, database);
    await migrate(cloudflare, database);
    const row = await siteRow(site, policy);
    const other = {
      ...row,
      project: "other",
      subdomain: "other.pages.dev",
      origins: ["https://other.pages.dev"],
    };
    expect(await writeSiteRow(cloudflare, database, other, 1_000)).not.toEqual([]);
    expect(await writeSiteRow(cloudflare, database, row, 1_000)).toContain(
      `project: none → "${row.project}"`,
    );
    expect(await writeSiteRow(cloudflare, database, row, 2_000)).toEqual([]);
    const moved = { ...row, origins: [...row.origins, "https://docs.example"] };
    const lines = await writeSiteRow(cloudflare, database, moved, 2_000);
    expect(lines).toEqual([expect.stringMatching(/^origins: .* → .*docs\.example/)]);
    await writeSiteRow(cloudflare, database, row, 1_000);
    const found = await cloudflare.query(
      database,
      "SELECT project, data, updated_at FROM sites ORDER BY project",
    );
    expect(found.map(({ project, updated_at }) => [project, updated_at])).toEqual([
      ["other", 1],
      ["site", 1],
    ]);
    expect(JSON.parse(String(found[1]?.["data"]))).toEqual(JSON.parse(JSON.stringify(row)));
  });

  it("does not claim another site's origin", async () => {
    const row = await siteRow({ ...site, name: "thief", subdomain: "thief.pages.dev" }, policy);
    const error = await failure(writeSiteRow(context.cloudflare, database, row, 1));
    expect(error.code).toBe("site-claimed-twice");
    expect(error.detail).toContain("https://www.example.com");
  });
});

describe("the host's deployment", () => {
  const ingredients = {
    code: "code",
    plain: { A: "1", B: "2" },
    secretNames: ["S", "T"],
    compatibilityDate: "2026-11-01",
    databaseId: "d",
  };

  it("has a digest of code and settings, whatever their order", () => {
    const digest = hostDigest(ingredients);
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(hostDigest({ ...ingredients, plain: { B: "2", A: "1" } })).toBe(digest);
    expect(hostDigest({ ...ingredients, secretNames: ["T", "S"] })).toBe(digest);
    expect(hostDigest({ ...ingredients, secretNames: ["S"] })).not.toBe(digest);
    expect(hostDigest({ ...ingredients, code: "other" })).not.toBe(digest);
    expect(hostDigest({ ...ingredients, plain: { A: "1", B: "3" } })).not.toBe(digest);
    const paths = hostFiles("code", digest).map(({ path }) => path);
    expect(paths).toEqual([
      "_worker.js/index.js",
      "_worker.js/gate.js",
      "_worker.js/config.js",
      "_routes.json",
      "404.html",
    ]);
  });

  it("is made where nothing answers or something else does, never over a newer version", () => {
    const live = {
      version: "1.2.0",
      role: "host",
      bundle: "b",
      keys: { signing: [], cookie: "", entra: "" },
    } as const;
    expect(hostDeployment(undefined, "b", "1.0.0").kind).toBe("deploy");
    expect(hostDeployment(live, "b", "1.0.0").kind).toBe("current");
    expect(hostDeployment(live, "c", "1.0.0").kind).toBe("newer");
    expect(hostDeployment(live, "c", "1.2.0").kind).toBe("deploy");
    expect(hostDeployment(live, "c", "1.10.0").kind).toBe("deploy");
    expect(isNewer("nonsense", "0.0.1")).toBe(false);
  });

  it("deletes all but the live one, and nothing where that is not known", async () => {
    const deleted: string[] = [];
    const cloudflare = {
      ...context.cloudflare,
      deployments: async () => ["a", "b", "c"].map((id) => ({ id }) as never),
      deleteDeployment: async (_: string, id: string) => void deleted.push(id),
    };
    expect(await deleteOldHosts(cloudflare, name, undefined)).toBe(0);
    expect(await deleteOldHosts(cloudflare, name, "b")).toBe(2);
    expect(deleted).toEqual(["a", "c"]);
  });

  it("is missing where its project or its database is", () => {
    expect(() => existingHost(name, undefined)).toThrow("sign-in-host-missing");
  });
});

describe("variables", () => {
  const identity = { origin: "https://h.pages.dev", tenantId: "t", clientId: "c" };

  it("name a known cloud, or authority and Graph beside it", () => {
    const china = {
      authority: "https://login.partner.microsoftonline.cn",
      graphUrl: "https://microsoftgraph.chinacloudapi.cn",
    };
    expect(plainVariables({ ...identity, ...china }, "e")).toMatchObject({ ENTRA_CLOUD: "china" });
    expect(plainVariables({ ...identity, ...china }, "e")).not.toHaveProperty("ENTRA_AUTHORITY");
    const mixed = { authority: "https://login.microsoftonline.com", graphUrl: "https://graph.microsoft.us" };
    expect(plainVariables({ ...identity, ...mixed }, "e")).toMatchObject({
      ENTRA_CLOUD: "global",
      GRAPH_URL: mixed.graphUrl,
    });
  });
});
