import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountId, type Cloudflare, call, deploy, settle, start } from "./fixtures.ts";

let cloudflare: Cloudflare;
let count = 0;

beforeAll(async () => {
  cloudflare = await start();
});
afterAll(() => cloudflare.close());

async function newProject(settings: object = {}): Promise<string> {
  count += 1;
  const name = `project-${count}`;
  const made = await call(cloudflare, "POST", "pages/projects", {
    name,
    production_branch: "main",
    ...settings,
  });
  expect(made.status).toBe(200);
  return name;
}

const patch = (name: string, body: unknown) => call(cloudflare, "PATCH", `pages/projects/${name}`, body);
const configs = (preview: object) => ({ deployment_configs: { preview } });

describe("authentication", () => {
  const status = async (headers: Record<string, string>, path = "pages/projects") => {
    const answer = await call(cloudflare, "GET", path, undefined, headers);
    return [answer.status, answer.code];
  };

  it("refuses tokens that aren't known, aren't active or lack the permission", async () => {
    expect(await status({ authorization: "Bearer stranger" })).toEqual([403, 10000]);
    expect(await status({ authorization: "Bearer token-disabled" })).toEqual([403, 10000]);
    expect(await status({ authorization: "Bearer token-of-a-user" }, "d1/database")).toEqual([403, 10000]);
    expect(await status({ authorization: "Basic token" })).toEqual([400, 6003]);
    expect(await status({}, `/accounts/${accountId.replace("0", "f")}/pages/projects`)).toEqual([403, 10000]);
  });

  it("lets a token that may read only read", async () => {
    const reading = { authorization: "Bearer token-that-reads" };
    expect(await status(reading)).toEqual([200, undefined]);
    expect(await status(reading, "d1/database")).toEqual([200, undefined]);
    const nothing = "00000000-0000-4000-8000-000000000000";
    for (const path of ["pages/projects/none", `d1/database/${nothing}`]) {
      const change = (headers: Record<string, string>) => call(cloudflare, "PATCH", path, {}, headers);
      expect(await change(reading)).toMatchObject({ status: 403, code: 10000 });
      expect((await change({})).status).toBe(404);
    }
  });

  it("verifies each kind of token at its own endpoint only", async () => {
    const user = { authorization: "Bearer token-of-a-user" };
    expect(await call(cloudflare, "GET", "/user/tokens/verify", undefined, user)).toMatchObject({
      status: 200,
      result: { status: "active" },
    });
    expect(await status({}, "/user/tokens/verify")).toEqual([401, 1000]);
    expect(await status({}, "tokens/verify")).toEqual([200, undefined]);
    expect(await status(user, "tokens/verify")).toEqual([401, 1000]);
  });

  it("says what isn't there and what isn't allowed", async () => {
    expect(await status({}, "pages/nothing")).toEqual([404, 7000]);
    expect(await status({}, "/")).toEqual([404, 7000]);
    expect((await call(cloudflare, "PUT", "pages/projects", {})).status).toBe(405);
  });

  it("throttles after 1,200 calls in five minutes and says for how long", async () => {
    const own = await start({ apiTokens: [{ value: "busy", kind: "user", permissions: ["pages"] }] });
    const busy = { authorization: "Bearer busy" };
    let last = 200;
    for (let i = 0; i < 1_200; i += 1)
      last = (await call(own, "GET", "/user/tokens/verify", undefined, busy)).status;
    expect(last).toBe(200);
    const refused = await call(own, "GET", "/user/tokens/verify", undefined, busy);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(200);
    own.clock.advance(300_000);
    expect((await call(own, "GET", "/user/tokens/verify", undefined, busy)).status).toBe(200);
    await own.close();
  });
});

describe("projects", () => {
  it("are made with Cloudflare's defaults, fail_open among them", async () => {
    const name = await newProject();
    const { result } = await call(cloudflare, "GET", `pages/projects/${name}`);
    const subdomain = `${name}.localhost:${cloudflare.port}`;
    expect(result).toMatchObject({
      name,
      subdomain,
      domains: [subdomain],
      production_branch: "main",
      source: null,
    });
    for (const config of [result.deployment_configs.preview, result.deployment_configs.production]) {
      expect(config).toMatchObject({ fail_open: true, env_vars: {}, compatibility_flags: [] });
      expect(config.compatibility_date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(result.canonical_deployment).toBeNull();
  });

  it("are not made twice, nor with a name that is no host name", async () => {
    const name = await newProject();
    expect((await call(cloudflare, "POST", "pages/projects", { name, production_branch: "main" })).code).toBe(
      8000002,
    );
    for (const wrong of ["Upper", "a_b", "-a", "a-", "a".repeat(59), ""])
      expect(
        (await call(cloudflare, "POST", "pages/projects", { name: wrong, production_branch: "x" })).status,
      ).toBe(400);
    expect((await call(cloudflare, "GET", "pages/projects/none")).code).toBe(8000007);
    expect((await patch("none", {})).code).toBe(8000007);
  });

  it("merge variables and bindings by key, null deletes, the other environment stays", async () => {
    const name = await newProject();
    await patch(
      name,
      configs({ env_vars: { A: { value: "1" }, B: { type: "plain_text", value: "2" } }, fail_open: false }),
    );
    await patch(name, configs({ env_vars: { B: null, C: { value: "3" } } }));
    const id = "11111111-2222-4333-8444-555555555555";
    const { result } = await patch(
      name,
      configs({ d1_databases: { GATE_DB: { id } }, compatibility_flags: ["a"] }),
    );
    expect(result.deployment_configs.preview).toMatchObject({
      env_vars: { A: { type: "plain_text", value: "1" }, C: { type: "plain_text", value: "3" } },
      d1_databases: { GATE_DB: { id } },
      compatibility_flags: ["a"],
      fail_open: false,
    });
    expect(Object.keys(result.deployment_configs.preview.env_vars)).toEqual(["A", "C"]);
    expect(result.deployment_configs.production).toMatchObject({ env_vars: {}, fail_open: true });
    const cleared = await patch(name, configs({ d1_databases: { GATE_DB: null }, env_vars: null }));
    expect(cleared.result.deployment_configs.preview).toMatchObject({ d1_databases: {}, env_vars: {} });
  });

  it("never show a secret again", async () => {
    const name = await newProject();
    await patch(name, configs({ env_vars: { KEY: { type: "secret_text", value: "hidden" } } }));
    const shown = await call(cloudflare, "GET", `pages/projects/${name}`);
    expect(shown.result.deployment_configs.preview.env_vars).toEqual({
      KEY: { type: "secret_text", value: "" },
    });
    expect(JSON.stringify((await call(cloudflare, "GET", "pages/projects")).result)).not.toContain("hidden");
    expect(cloudflare.project(name)?.configs.preview.env_vars["KEY"]?.value).toBe("hidden");
  });

  it("refuse what isn't in the published types, and then change nothing", async () => {
    const name = await newProject();
    const refused: unknown[] = [
      { fail_open: true },
      { deployment_configs: { staging: {} } },
      configs({ fail_open: "no" }),
      configs({ failOpen: true }),
      configs({ env_vars: { A: { value: 1 } } }),
      configs({ env_vars: { A: "1" } }),
      configs({ env_vars: { "not-a-name": { value: "1" } } }),
      configs({ env_vars: { A: { value: "x".repeat(5_121) } } }),
      configs({ compatibility_date: "yesterday" }),
      configs({ d1_databases: { DB: { database_id: "x" } } }),
      configs({ env_vars: Object.fromEntries([...Array(65).keys()].map((i) => [`V${i}`, { value: "1" }])) }),
      { source: { type: "github", config: { preview_deployment_setting: "none" } } },
    ];
    for (const body of refused)
      expect(await patch(name, body)).toMatchObject({ status: 400, success: false });
    expect(cloudflare.project(name)?.configs.preview).toMatchObject({ fail_open: true, env_vars: {} });
    expect(
      (await call(cloudflare, "PATCH", `pages/projects/${name}`, {}, { "content-type": "x/y" })).status,
    ).toBe(415);
  });

  it("that are connected to a repository keep what a change doesn't name", async () => {
    const name = await newProject({ source: { type: "github", config: { owner: "o", repo_name: "r" } } });
    const { result } = await patch(name, {
      source: { type: "github", config: { preview_deployment_setting: "none" } },
    });
    expect(result.source).toEqual({
      type: "github",
      config: { owner: "o", repo_name: "r", preview_deployment_setting: "none" },
    });
  });

  it("list their custom domains and the deployment that is live", async () => {
    const name = await newProject();
    cloudflare.addDomain(name, `shop.localhost:${cloudflare.port}`);
    const domains = await call(cloudflare, "GET", `pages/projects/${name}/domains`);
    expect(domains.result).toMatchObject([{ name: `shop.localhost:${cloudflare.port}`, status: "active" }]);
    const made = await deploy(cloudflare, name, "main", { "index.html": "home" });
    settle(cloudflare);
    const { result } = await call(cloudflare, "GET", `pages/projects/${name}`);
    expect(result.domains).toHaveLength(2);
    expect(result.canonical_deployment.id).toBe(made.result.id);
  });

  it("are listed ten at a time", async () => {
    for (let i = 0; i < 11; i += 1) await newProject();
    const first = await call(cloudflare, "GET", "pages/projects");
    expect(first.result).toHaveLength(10);
    expect(first.info?.["total_count"]).toBeGreaterThan(10);
    expect((await call(cloudflare, "GET", "pages/projects?per_page=11")).code).toBe(8000024);
  });
});
