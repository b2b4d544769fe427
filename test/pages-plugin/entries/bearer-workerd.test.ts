import { build } from "esbuild";
import {
  convertV4MiniflareOptions,
  Miniflare,
  type Request as MiniflareRequest,
  Response as MiniflareResponse,
} from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SiteConfig } from "../../../contract/config/site.ts";
import { config, key, policy, sign } from "../site/support.ts";
import { ask } from "./http-client.ts";

/** The gate that takes bearer tokens, as one bundled file on real workerd. */
const host = "www.demo.localhost";
const tenantId = "11111111-2222-4333-8444-555555555555";
const clientId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const authority = "https://login.microsoftonline.com";
const baked: SiteConfig = {
  ...config,
  policy: { ...policy, environment: "production", bearer: true },
  bearer: { tenantId, clientId, authority },
};
const site = `export default { fetch: (request) => Response.json(Object.fromEntries(request.headers)) };`;
const asked: string[] = [];
let worker: Miniflare;
let port = 0;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: ["pages-plugin/src/entries/wrapped-bearer.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    minify: true,
    write: false,
  });
  const index = `import { createGate } from "./gate.js"; import config from "./config.js"; import site from "./site.js"; export default createGate(config, site);`;
  const modules = {
    "index.js": index,
    "gate.js": outputFiles[0]?.text ?? "",
    "config.js": `export default ${JSON.stringify(baked)};`,
    "site.js": site,
  };
  worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: Object.entries(modules).map(([path, contents]) => ({ type: "ESModule", path, contents })),
      compatibilityDate: "2026-08-04",
      handleStructuredLogs: () => undefined,
      outboundService(request: MiniflareRequest) {
        asked.push(request.url);
        return MiniflareResponse.json({ keys: [key.jwk] });
      },
    }),
  );
  port = Number((await worker.ready).port);
});
afterAll(() => worker?.dispose());

const token = (changes: Record<string, unknown> = {}) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: `${authority}/${tenantId}/v2.0`, aud: clientId, tid: tenantId, ver: "2.0", idtyp: "app" },
    ...{ azp: clientId, oid: tenantId, roles: ["Site.Admin"], iat: now, nbf: now, exp: now + 3600 },
  };
  return sign({ ...claims, ...changes }, key, { typ: "JWT" });
};

it("takes a token, keeps it from the code behind, and asks for the tenant's keys once", async () => {
  const headers = { authorization: `Bearer ${await token()}` };
  for (let time = 0; time < 3; time++) {
    const answer = await ask(port, host, "/admin/x", { headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ "x-entra-gate-roles": "Site.Admin" });
    expect(JSON.parse(answer.text)).not.toHaveProperty("authorization");
  }
  expect(asked.filter((url) => url.includes("/discovery/"))).toEqual([
    `${authority}/${tenantId}/discovery/v2.0/keys`,
  ]);
});

it("refuses what is none, as JSON with a challenge", async () => {
  for (const [authorization, code] of [
    [`Bearer ${await token({ roles: [] })}`, "not-admitted"],
    [`Bearer ${await token({ aud: "other" })}`, "bearer-audience"],
    [`Bearer ${(await token()).slice(0, -8)}AAAAAAAA`, "bearer-signature"],
    ["Bearer x", "bearer-malformed"],
  ] as const) {
    const answer = await ask(port, host, "/admin/x", { headers: { authorization } });
    expect([authorization, answer.headers.get("x-entra-gate-code")]).toEqual([authorization, code]);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
  }
});
