import { afterEach, describe, expect, it } from "vitest";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { checkSignIn } from "../../../src/steps/sign-in-check.ts";
import { readHostKeys, readHostStatus } from "../../../src/steps/sign-in-status.ts";
import { memberEntry } from "../small-row.ts";
import { answering, FakeTime, failure, httpWith, json, plain, type SmallServer } from "../support.ts";

const servers: SmallServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(host: string, ...answers: Parameters<typeof answering>[1][]): Promise<SmallServer> {
  const server = await answering(host, ...answers);
  servers.push(server);
  return server;
}

const row: SiteRow = {
  project: "site",
  subdomain: "site.pages.dev",
  origins: ["https://site.pages.dev"],
  entries: { production: memberEntry, preview: { ...memberEntry, environment: "preview" } },
};
const signInPage = plain(200, "<title>Sign in to your account</title>");
const refusal = (code: number) => plain(200, `<div>AADSTS${code}: something is wrong.</div>`);

/** A host that redirects to Entra with these parameters, and an Entra that answers in turn. */
async function stageOf(changes: Record<string, string>, ...entra: Parameters<typeof answering>[1][]) {
  const login = await serve("login.localhost", ...entra);
  const expected = {
    authority: login.url,
    tenantId: "tenant",
    clientId: "client",
    redirectUri: "https://host.example/.auth/callback",
  };
  const query = { client_id: "client", redirect_uri: expected.redirectUri, ...changes };
  const location = `${login.url}/tenant/oauth2/v2.0/authorize?${new URLSearchParams(query)}`;
  const host = await serve("host.localhost", plain(303, "", { location }));
  const time = new FakeTime();
  const check = (site = row) =>
    checkSignIn({ http: httpWith(time), now: time.now, sleep: time.sleep }, site, {
      ...expected,
      origin: host.url,
    });
  return { host, login, time, check };
}

describe("checkSignIn", () => {
  it("asks as a browser that follows a site's redirect", async () => {
    const { host, check } = await stageOf({}, signInPage);
    await check();
    const [asked] = host.requests;
    const query = new URL(asked?.path ?? "", host.url).searchParams;
    expect(query.get("origin")).toBe("https://site.pages.dev");
    expect(query.get("environment")).toBe("production");
    expect(query.get("challenge")).toMatch(/^[\w-]{43}$/);
    expect(asked?.headers).toMatchObject({ "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" });
  });

  it("asks for a preview where production is open", async () => {
    const { host, check } = await stageOf({}, signInPage);
    await check({ ...row, entries: { preview: { ...memberEntry, environment: "preview" } } });
    const query = new URL(host.requests[0]?.path ?? "", host.url).searchParams;
    expect(query.get("environment")).toBe("preview");
    expect(new URL(query.get("origin") ?? "").hostname).toMatch(/^[a-z0-9-]+\.site\.pages\.dev$/);
  });

  it("waits minutes for a new redirect URI (AADSTS50011), then says so", async () => {
    const soon = await stageOf({}, refusal(50011), refusal(50011), signInPage);
    await soon.check();
    expect(soon.login.requests.length).toBe(3);
    const never = await stageOf({}, refusal(50011));
    expect((await failure(never.check())).code).toBe("entra-redirect-uri-unknown");
    expect(never.time.slept.reduce((sum, one) => sum + one)).toBeGreaterThan(290_000);
  });

  it("does not wait for a tenant that is wrong", async () => {
    const { check, time } = await stageOf({}, refusal(90002));
    expect((await failure(check())).code).toBe("entra-tenant-unknown");
    expect(time.slept).toEqual([]);
  });

  it.each([
    ["another client_id", { client_id: "other" }],
    ["another redirect_uri", { redirect_uri: "https://evil.example/.auth/callback" }],
  ])("does not take %s", async (_, changes) => {
    const { check } = await stageOf(changes, signInPage);
    expect((await failure(check())).code).toBe("sign-in-host-wrong-answer");
  });

  it.each([
    ["a page", plain(200, "hello")],
    ["a refusal of its own", plain(403, "", { "x-entra-gate-code": "site-unknown" })],
    ["a redirect elsewhere", plain(302, "", { location: "https://login.microsoftonline.com.evil.example/" })],
  ])("does not take %s for an authorization request", async (_, answer) => {
    const host = await serve("host.localhost", answer);
    const time = new FakeTime();
    const expected = { origin: host.url, authority: "https://login.microsoftonline.com", tenantId: "t" };
    const error = await failure(
      checkSignIn({ http: httpWith(time), now: time.now, sleep: time.sleep }, row, {
        ...expected,
        clientId: "c",
        redirectUri: "r",
      }),
    );
    expect(error.code).toBe("sign-in-host-wrong-answer");
  });
});

describe("what the host says of itself", () => {
  const status = {
    version: "0.1.0",
    role: "host",
    bundle: "b",
    keys: { signing: ["s"], cookie: "c", entra: "e" },
  };
  const http = httpWith(new FakeTime());

  it("is its status, or nothing", async () => {
    const good = await serve("host.localhost", json(200, status));
    expect(await readHostStatus(http, good.url)).toEqual(status);
    for (const answer of [json(200, { ...status, role: "site" }), json(404, status), plain(200, "<html>")]) {
      const bad = await serve("host.localhost", answer);
      expect(await readHostStatus(http, bad.url)).toBeUndefined();
    }
    expect(await readHostStatus(http, "http://host.localhost:1")).toBeUndefined();
  });

  it("is keys with an end, or an error", async () => {
    const key = {
      kid: "20261123_A1B2C3",
      kty: "RSA",
      n: "n".repeat(342),
      e: "AQAB",
      alg: "RS256",
      use: "sig",
      not_after: 1,
    };
    const good = await serve("host.localhost", json(200, { keys: [key] }));
    expect(await readHostKeys(http, good.url)).toEqual([key]);
    for (const keys of [
      [],
      [{ ...key, alg: "none" }],
      [{ ...key, n: "short" }],
      [{ ...key, not_after: undefined }],
    ]) {
      const bad = await serve("host.localhost", json(200, { keys }));
      expect((await failure(readHostKeys(http, bad.url))).code).toBe("sign-in-host-unreachable");
    }
  });

  it("never takes a private key along", async () => {
    const key = {
      kid: "20261123_A1B2C3",
      kty: "RSA",
      n: "n".repeat(342),
      e: "AQAB",
      alg: "RS256",
      use: "sig",
      not_after: 1,
    };
    const host = await serve("host.localhost", json(200, { keys: [{ ...key, d: "private" }] }));
    expect(await readHostKeys(http, host.url)).toEqual([key]);
  });
});
