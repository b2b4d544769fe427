import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  ask,
  authorizeUrl,
  Browser,
  callback,
  federated,
  gate,
  gateSecret,
  graphWith,
  redeem,
  register,
  startIssuer,
  startWorld,
  subject,
  token,
  verifier,
  type World,
} from "./support.ts";

let world: World;
let secret: string;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let browser: Browser;

beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject } });
  register(world);
  const graph = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
  secret = await gateSecret(world, graphWith(world.entra, graph.access_token));
  browser = new Browser(world.entra);
  const page = await browser.visit(authorizeUrl(world.entra));
  await browser.submit(page, { account: world.entra.cast.people.reviewer.oid });
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await world.entra.close();
  await issuer.close();
});

const codeAnswer = (changes = {}) => browser.visit(authorizeUrl(world.entra, changes));

describe("authorization_code", () => {
  it("redeems a code once (CVE class: code replay)", async () => {
    const answer = await codeAnswer();
    expect((await redeem(world.entra, answer, secret)).tokens.status).toBe(200);
    const again = await redeem(world.entra, answer, secret);
    expect(again.tokens.status).toBe(400);
    expect(again.body).toMatchObject({ error: "invalid_grant", error_codes: [54005] });
  });

  it.each([
    ["another verifier", { code_verifier: "x".repeat(43) }, 501481],
    ["another redirect URI", { redirect_uri: "https://sign-in.contoso.example/.auth/Callback" }, 500112],
    ["a made-up code", { code: "made-up" }, 70000],
  ])("refuses %s, and the code still works afterwards", async (_, changes, code) => {
    const answer = await codeAnswer();
    const refused = await redeem(world.entra, answer, secret, changes);
    expect(refused.tokens.status).toBe(400);
    expect(refused.body.error_codes).toEqual([code]);
    expect((await redeem(world.entra, answer, secret)).tokens.status).toBe(200);
  });

  it("refuses a code without its verifier, and a verifier without a challenge (PKCE downgrade)", async () => {
    const form = (answer: Awaited<ReturnType<typeof codeAnswer>>) => ({
      client_id: world.entra.cast.applications.gate.appId,
      client_secret: secret,
      grant_type: "authorization_code",
      redirect_uri: "https://sign-in.contoso.example/.auth/callback",
      code: new URL(answer.headers.location ?? "").searchParams.get("code") ?? "",
    });
    const without = await token(world.entra, form(await codeAnswer()));
    expect(without.json().error_codes).toEqual([50148]);
    const plain = await codeAnswer({ code_challenge: undefined, code_challenge_method: undefined });
    const unasked = await token(world.entra, { ...form(plain), code_verifier: "x".repeat(43) });
    expect(unasked.json().error_codes).toEqual([50148]);
    expect((await token(world.entra, form(plain))).status).toBe(200);
  });

  it("refuses a code after ten minutes", async () => {
    const answer = await codeAnswer();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
    expect((await redeem(world.entra, answer, secret)).body.error_codes).toEqual([70008]);
  });

  it("refuses another application's code", async () => {
    const { automation } = world.entra.cast.applications;
    const answer = await codeAnswer();
    const form = {
      client_id: automation.appId,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await issuer.token({ sub: subject, exp: Math.floor(world.clock.now() / 1000) + 300 }),
      grant_type: "authorization_code",
      code: new URL(answer.headers.location ?? "").searchParams.get("code") ?? "",
      redirect_uri: callback,
      code_verifier: verifier,
    };
    expect((await token(world.entra, form)).json().error_codes).toEqual([70000]);
    expect((await redeem(world.entra, answer, secret)).tokens.status).toBe(200);
  });
});

describe("client authentication", () => {
  const client = () => ({
    client_id: world.entra.cast.applications.gate.appId,
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
  });

  it("takes the secret in the body or by Basic", async () => {
    expect((await token(world.entra, { ...client(), client_secret: secret })).status).toBe(200);
    const basic = Buffer.from(`${client().client_id}:${encodeURIComponent(secret)}`).toString("base64");
    expect((await token(world.entra, client(), { authorization: `Basic ${basic}` })).status).toBe(200);
  });

  it.each([
    ["no credential", {}, 401, "invalid_client", 7000218],
    ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client", 7000215],
    [
      "an unknown application",
      { client_id: "nobody", client_secret: "x" },
      400,
      "unauthorized_client",
      700016,
    ],
    ["an unknown grant", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  ])("refuses %s", async (_, changes, status, error, code) => {
    const answer = await token(world.entra, { ...client(), ...changes });
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({
      error,
      error_codes: [code],
      error_description: expect.stringMatching(new RegExp(`^AADSTS${code}: .* Trace ID: .* Timestamp: `)),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
    });
  });

  it("refuses a confidential client that sends an Origin", async () => {
    const answer = await token(
      world.entra,
      { ...client(), client_secret: secret },
      { origin: "https://sign-in.contoso.example" },
    );
    expect(answer.json().error_codes).toEqual([9002326]);
  });

  it("knows a new secret only after a while, and an expired or removed one no more", async () => {
    const own = await startWorld({
      github: { issuer: issuer.issuer, subject },
      propagation: { secretMs: 18_000 },
    });
    const { access_token } = (await federated(own.entra, await issuer.token({ sub: subject }))).json();
    const graph = graphWith(own.entra, access_token);
    const path = `/applications/${own.entra.cast.applications.gate.objectId}`;
    const endDateTime = new Date(own.clock.now() + 86_400_000).toISOString();
    const made = (
      await graph("POST", `${path}/addPassword`, { passwordCredential: { displayName: "a", endDateTime } })
    ).json();
    const attempt = async () =>
      (await token(own.entra, { ...client(), client_secret: made.secretText })).json().error_codes;
    expect(await attempt()).toEqual([7000215]);
    own.clock.advance(18_000);
    expect(await attempt()).toBeUndefined();
    own.clock.advance(86_400_000);
    expect(await attempt()).toEqual([7000222]);
    expect((await graph("POST", `${path}/removePassword`, { keyId: made.keyId })).status).toBe(204);
    expect(await attempt()).toEqual([7000215]);
    await own.entra.close();
  });

  it("answers a form only, by POST only, once per parameter", async () => {
    const url = `${world.entra.authority}/${world.entra.tenantId}/oauth2/v2.0/token`;
    expect((await ask(url)).json().error_codes).toEqual([900561]);
    expect((await ask(url, { json: client() })).json().error_codes).toEqual([900144]);
    const twice = await ask(url, {
      body: "grant_type=client_credentials&grant_type=client_credentials",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(twice.json().error_codes).toEqual([90023]);
    const elsewhere = await ask(url.replace(world.entra.tenantId, "11111111-2222-3333-4444-555555555555"), {
      form: client(),
    });
    expect(elsewhere.json()).toMatchObject({ error: "invalid_request", error_codes: [90002] });
  });
});

describe("client_credentials", () => {
  it.each([
    ["no .default", "https://graph.microsoft.com/User.Read", 1002012],
    ["an unknown resource", "https://nowhere.example/.default", 500011],
  ])("refuses a scope with %s", async (_, scope, code) => {
    const { appId: client_id } = gate(world.entra);
    const form = { client_id, client_secret: secret, grant_type: "client_credentials", scope };
    expect((await token(world.entra, form)).json().error_codes).toEqual([code]);
  });

  it("gives the gate no Graph permission, and the automation its one", async () => {
    const { appId: client_id } = gate(world.entra);
    const scope = `${world.entra.graphUrl}/.default`;
    const form = { client_id, client_secret: secret, grant_type: "client_credentials", scope };
    const own = decodeJwt((await token(world.entra, form)).json().access_token);
    expect(own).toMatchObject({ idtyp: "app", appid: client_id, appidacr: "1" });
    expect(own).not.toHaveProperty("roles");
    expect(own).not.toHaveProperty("scp");
    const answer = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
    expect(decodeJwt(answer.access_token)).toMatchObject({
      roles: ["Application.ReadWrite.OwnedBy"],
      appidacr: "2",
      oid: world.entra.cast.applications.automation.servicePrincipalId,
      aud: world.entra.graphUrl,
      ver: "1.0",
    });
  });
});
