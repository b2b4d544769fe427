import { beforeEach, describe, expect, test } from "vitest";
import type { SiteConfig } from "../../../contract/config/site.ts";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { createBearerTokens } from "../../../pages-plugin/src/site/bearer.ts";
import { createSiteGate, type SiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { readSiteConfig } from "../../../pages-plugin/src/site/site-config.ts";
import {
  codeOf,
  key,
  makeKey,
  makeWorld,
  config as preview,
  policy as previewPolicy,
  type Sent,
  sessionCookie,
  sign,
  siteOrigin,
  startTime,
  type TestKey,
} from "./support.ts";

const tenantId = "11111111-2222-4333-8444-555555555555";
const clientId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const authority = "https://login.microsoftonline.com";
const app = "cccccccc-1111-4222-8333-dddddddddddd";
const oid = "0a000000-0000-4000-8000-00000000000a";
const keysUrl = `${authority}/${tenantId}/discovery/v2.0/keys`;
const entraKey = await makeKey("entra-1");
const nobody = { anyone: false, members: false, guests: false, groups: [], roles: [], apps: [] };

const policy: CompiledPolicy = {
  ...previewPolicy,
  environment: "production",
  bearer: true,
  rules: [
    { id: "r0", path: "/open/*", allow: { ...nobody, anyone: true } },
    { id: "r1", path: "/read/*", allow: { ...nobody, scopes: ["Sites.Read"] } },
    { id: "r2", path: "/fresh/*", allow: { ...nobody, apps: [app] }, signedInWithin: 900 },
    { id: "r3", path: "/*", allow: { ...nobody, members: true, roles: ["Site.Test"] } },
  ],
};
const config: SiteConfig = { ...preview, policy, bearer: { tenantId, clientId, authority } };

let world: ReturnType<typeof makeWorld>;
let published: TestKey[];
let tenantDown: boolean;
let reached: Sent[];
let gate: SiteGate;

beforeEach(() => {
  world = makeWorld();
  published = [entraKey];
  tenantDown = false;
  reached = [];
  const { deps } = world;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (String(input) !== keysUrl) return deps.fetch(input, init);
    world.fetches.push(keysUrl);
    if (tenantDown) throw new TypeError("unreachable");
    const personal = {
      ...key.jwk,
      kid: "personal",
      issuer: `${authority}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`,
    };
    const named = published.map(({ jwk: { alg: _, ...jwk } }) => ({
      ...jwk,
      issuer: `${authority}/{tenantid}/v2.0`,
    }));
    return Response.json({ keys: [...named, personal] });
  };
  gate = createSiteGate(config, { ...deps, fetch }, undefined, createBearerTokens);
});

function ask(path: string, headers: Record<string, string> = {}, of: SiteGate = gate): Promise<Response> {
  return of.handle({
    request: new Request(siteOrigin + path, { headers }),
    waitUntil: world.waitUntil,
    async next(request, visitor) {
      reached.push({ request, visitor });
      return new Response("content");
    },
  });
}

function token(changes: Record<string, unknown> = {}, by = entraKey, header = {}): Promise<string> {
  const now = startTime / 1000;
  const claims = {
    ...{ iss: `${authority}/${tenantId}/v2.0`, aud: clientId, tid: tenantId, ver: "2.0", idtyp: "app" },
    ...{ iat: now - 300, nbf: now - 300, exp: now + 3600, azp: app, oid, roles: ["Site.Test"] },
  };
  return sign({ ...claims, ...changes }, by, { typ: "JWT", ...header });
}

const bearer = async (changes: Record<string, unknown> = {}, by = entraKey) => ({
  authorization: `Bearer ${await token(changes, by)}`,
});
const tenantFetches = () => world.fetches.filter((url) => url === keysUrl).length;
const member = () => sessionCookie({ environment: "production" });

describe("a production that takes tokens", () => {
  test("lets an application in by its role, tells the code behind who it is and hides the token from it", async () => {
    const headers = { ...(await bearer()), "x-ms-client-principal-id": "spoofed" };
    expect((await ask("/", headers)).status).toBe(200);
    expect(reached[0]?.visitor).toMatchObject({ kind: "app", app, oid, roles: ["Site.Test"] });
    expect(reached[0]?.request.headers.get("authorization")).toBeNull();
    expect(reached[0]?.request.headers.get("x-ms-client-principal-id")).toBe(oid);
    expect(Object.isFrozen(reached[0]?.visitor)).toBe(true);
    expect((await world.events())[0]).toMatchObject({
      status_code: "role",
      actor: { user: { uid: oid, uid_alt: app } },
    });
    expect(world.lines.join("\n")).not.toContain((headers.authorization as string).split(".")[2]);
  });

  test.each([
    ["1.0", { ver: "1.0", iss: `https://sts.windows.net/${tenantId}/`, appid: app, azp: undefined }],
    ["by its identifier URI", { aud: `api://${clientId}` }],
  ])("takes version %s", async (_, changes) => {
    expect((await ask("/", await bearer(changes))).status).toBe(200);
  });

  test("lets a program that acts for a person in by its scope and by nothing else", async () => {
    const headers = await bearer({ idtyp: undefined, scp: "Sites.Read", acct: 0, roles: ["Site.Test"] });
    expect((await ask("/read/x", headers)).status).toBe(200);
    const refused = await ask("/x", headers);
    expect([refused.status, await codeOf(refused)]).toEqual([403, "not-admitted"]);
    expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  test("lets another site's front end in where the rule's cors lists it, which reads refusals, too", async () => {
    const front = "https://app.elsewhere.example";
    const cors = { origins: [front], credentials: false, methods: ["GET"], headers: ["Authorization"] };
    const rules = policy.rules.map((rule) => (rule.id === "r3" ? { ...rule, cors } : rule));
    const listed = createSiteGate(
      { ...config, policy: { ...policy, rules } },
      { ...world.deps, fetch: async () => Response.json({ keys: [entraKey.jwk] }) },
      undefined,
      createBearerTokens,
    );
    const script = { origin: front, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
    const read = await ask("/", { ...script, ...(await bearer()) }, listed);
    expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, front]);
    const refused = await ask("/", { ...script, authorization: "Bearer x" }, listed);
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, front]);
    const elsewhere = await ask("/read/x", { ...script, ...(await bearer()) }, listed);
    expect(elsewhere.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("asks for the keys once, and for nothing when it is warm", async () => {
    for (let time = 0; time < 5; time++) await ask("/", await bearer({ uti: String(time) }));
    const again = await bearer();
    for (let time = 0; time < 5; time++) expect((await ask("/", again)).status).toBe(200);
    expect(tenantFetches()).toBe(1);
  });

  test("holds a token to its end, though it was seen before", async () => {
    const headers = await bearer();
    expect((await ask("/", headers)).status).toBe(200);
    world.now += 3600_000;
    expect(await codeOf(await ask("/", headers))).toBe("bearer-expired");
  });

  test("does not take a token for a sign-in of some minutes ago", async () => {
    expect(await codeOf(await ask("/fresh/x", await bearer()))).toBe("step-up-required");
  });
});

describe("what is refused", () => {
  test.each([
    ["another application's", { aud: "other" }, "bearer-audience"],
    ["Graph's", { aud: "https://graph.microsoft.com" }, "bearer-graph-token"],
    ["another tenant's", { tid: oid }, "bearer-tenant"],
    ["an ID token", { azp: undefined, nonce: "n" }, "bearer-id-token"],
    ["expired", { exp: startTime / 1000 }, "bearer-expired"],
    ["not yet valid", { nbf: startTime / 1000 + 120 }, "bearer-not-yet-valid"],
    ["without a type", { idtyp: undefined }, "bearer-kind-unknown"],
  ])("%s", async (_, changes, code) => {
    const response = await ask("/", await bearer(changes));
    expect([response.status, await codeOf(response)]).toEqual([401, code]);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="Entra Gate", error="invalid_token"');
    expect(reached).toHaveLength(0);
    expect((await world.events())[0]).toMatchObject({ status_code: code, action: "Denied" });
  });

  test("another key's signature, a ticket, no signature, and a key of personal accounts", async () => {
    const forged = await makeKey(entraKey.kid);
    expect(await codeOf(await ask("/", await bearer({}, forged)))).toBe("bearer-signature");
    expect(await codeOf(await ask("/", await bearer({}, { ...key, kid: "personal" })))).toBe(
      "bearer-key-unknown",
    );
    const ticket = (await member()).split("=")[1]?.split(".").slice(0, 3).join(".");
    expect(await codeOf(await ask("/", { authorization: `Bearer ${ticket}` }))).toBe("bearer-ticket");
    const [, body] = (await token()).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await codeOf(await ask("/", { authorization: `Bearer ${none}.${body}.` }))).toBe(
      "bearer-unsigned",
    );
  });

  test.each(["Bearer", "Bearer x", "Bearer ..", `Bearer ${"é".repeat(3)}`, "bearer \\"])(
    "what is no token, without a fault: %s",
    async (authorization) => {
      const response = await ask("/", { authorization });
      expect([response.status, await codeOf(response)]).toEqual([401, "bearer-malformed"]);
    },
  );

  test("an Entra token at a preview: its header is the site's own affair there", async () => {
    const closed = createSiteGate(preview, world.deps, undefined, createBearerTokens);
    expect(await codeOf(await ask("/", await bearer(), closed))).toBe("sign-in-required");
    expect(tenantFetches()).toBe(0);
  });
});

describe("beside a session, and on open paths", () => {
  test("a token of the site's own API goes through untouched", async () => {
    for (const authorization of [
      "Bearer own-api-key",
      "Basic eDp5",
      `Bearer ${await token({ aud: "api" })}`,
    ]) {
      expect((await ask("/", { authorization, cookie: await member() })).status).toBe(200);
      expect(reached.at(-1)?.request.headers.get("authorization")).toBe(authorization);
      expect(reached.at(-1)?.visitor).toMatchObject({ kind: "user" });
    }
    await ask("/open/x", { authorization: "Bearer own-api-key" });
    expect(reached.at(-1)?.request.headers.get("authorization")).toBe("Bearer own-api-key");
  });

  test("a bad token for the gate is refused although there is a session", async () => {
    const headers = { ...(await bearer({ exp: 1 })), cookie: await member() };
    expect(await codeOf(await ask("/", headers))).toBe("bearer-expired");
  });

  test("a token for the gate never reaches the code behind, good or bad, alone or among others", async () => {
    const good = await token();
    for (const value of [
      `Bearer ${good}`,
      `Bearer x, Bearer ${good}`,
      `bearer  ${await token({ exp: 1 })}`,
      good,
    ]) {
      expect((await ask("/open/x", { authorization: value })).status).toBe(200);
      expect(reached.at(-1)?.request.headers.has("authorization")).toBe(false);
    }
    const several = await ask("/", { authorization: `Bearer x, Bearer ${good}` });
    expect([several.status, await codeOf(several)]).toEqual([400, "bearer-several"]);
  });
});

describe("the tenant's keys", () => {
  const minute = 60_000;
  const later = (changes = {}) => bearer({ exp: startTime / 1000 + 40 * 3600, ...changes });

  test("are fetched again every hour in the background, and a dropped one ends remembered tokens", async () => {
    const headers = await later();
    await ask("/", headers);
    const next = await makeKey("entra-2");
    published = [next];
    world.now += 60 * minute;
    expect((await ask("/", headers)).status).toBe(200);
    await Promise.all(world.waiting);
    expect(tenantFetches()).toBe(2);
    expect(await codeOf(await ask("/", headers))).toBe("bearer-key-unknown");
    expect((await ask("/", await later({}))).status).toBe(401);
    expect((await ask("/", await bearer({ exp: startTime / 1000 + 40 * 3600 }, next))).status).toBe(200);
  });

  test("are asked for anew for a made-up id once in five minutes", async () => {
    await ask("/", await bearer());
    for (const kid of ["a", "b", "c"]) await ask("/", await bearer({}, { ...entraKey, kid }));
    expect(tenantFetches()).toBe(2);
    world.now += 5 * minute;
    for (const kid of ["d", "e"]) await ask("/", await bearer({}, { ...entraKey, kid }));
    expect(tenantFetches()).toBe(3);
  });

  test("serve through an outage for a day, then it is 503 and never a refusal", async () => {
    const headers = await later();
    await ask("/", headers);
    tenantDown = true;
    for (let hour = 1; hour <= 23; hour++) {
      world.now = startTime + hour * 60 * minute;
      expect((await ask("/", headers)).status).toBe(200);
    }
    world.now = startTime + 24 * 60 * minute;
    const response = await ask("/", headers);
    expect([response.status, await codeOf(response)]).toEqual([503, "keys-unavailable"]);
    expect((await ask("/open/x", headers)).status).toBe(200);
  });

  test("that can't be had by a cold isolate are 503; an empty set is an outage, too", async () => {
    published = [];
    expect(await codeOf(await ask("/", await bearer()))).toBe("keys-unavailable");
  });
});

test("a policy that wants tokens taken is closed where nothing says whose, or how", () => {
  const { bearer: _, ...without } = config;
  expect(() => createSiteGate(without, world.deps, undefined, createBearerTokens)).toThrow();
  expect(() => createSiteGate(config, world.deps)).toThrow();
  const read = readSiteConfig(without);
  expect(read.ok ? [] : read.problems).toEqual(["config.bearer is no object"]);
  expect(readSiteConfig(config).ok).toBe(true);
});
