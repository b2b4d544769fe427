import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, authorizeUrl, Browser, callback, register, startWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  register(world);
});
afterAll(() => world.entra.close());

/** What came back to the application. */
async function returned(changes: Record<string, string | undefined>) {
  const answer = await ask(authorizeUrl(world.entra, changes));
  expect(answer.status).toBe(302);
  expect(answer.headers.location?.startsWith(`${callback}?`)).toBe(true);
  return new URL(answer.headers.location ?? "").searchParams;
}

describe("discovery", () => {
  it("has Entra's URLs and issuer, and keys that name it", async () => {
    const { authority, tenantId, issuer } = world.entra;
    const document = (await ask(`${authority}/${tenantId}/v2.0/.well-known/openid-configuration`)).json();
    expect(document.issuer).toBe(`${authority}/${tenantId}/v2.0`);
    expect(document.authorization_endpoint).toBe(`${authority}/${tenantId}/oauth2/v2.0/authorize`);
    expect(document.token_endpoint).toBe(`${authority}/${tenantId}/oauth2/v2.0/token`);
    expect(document.end_session_endpoint).toBe(`${authority}/${tenantId}/oauth2/v2.0/logout`);
    const { keys } = (await ask(document.jwks_uri)).json();
    expect(keys).toMatchObject([{ kty: "RSA", use: "sig", issuer }]);
    expect(keys[0].d).toBeUndefined();
  });

  it.each([
    ["another GUID", "11111111-2222-3333-4444-555555555555", 90002],
    ["a name", "fabrikam.example", 90002],
    ["common", "common", 50194],
  ])("refuses %s as tenant", async (_, tenant, code) => {
    const answer = await ask(`${world.entra.authority}/${tenant}/v2.0/.well-known/openid-configuration`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: "invalid_tenant", error_codes: [code] });
  });

  it("keeps the two hosts apart and knows no third", async () => {
    const { authority, graphUrl, tenantId, port } = world.entra;
    const path = `/${tenantId}/v2.0/.well-known/openid-configuration`;
    expect((await ask(graphUrl + path)).status).toBe(401);
    expect((await ask(`http://elsewhere.localhost:${port}${path}`)).status).toBe(421);
    expect(world.log.count("graph")).toBe(1);
    expect((await ask(`${authority}/${tenantId}/oauth2/token`)).status).toBe(404);
  });
});

describe("what stays on Entra's own page", () => {
  it.each([
    ["a letter", callback.replace("callback", "Callback")],
    ["a slash more", `${callback}/`],
    ["a query", `${callback}?x=1`],
    ["another scheme", callback.replace("https", "http")],
    ["another host", "https://evil.example/.auth/callback"],
  ])("refuses a redirect URI that differs in %s", async (_, redirect_uri) => {
    const answer = await ask(authorizeUrl(world.entra, { redirect_uri }));
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain("AADSTS50011");
  });

  it.each([
    [
      "an application that isn't there",
      { client_id: "11111111-2222-3333-4444-555555555555" },
      "AADSTS700016",
    ],
    ["no client_id", { client_id: undefined }, "AADSTS900144"],
    ["no redirect_uri", { redirect_uri: undefined }, "AADSTS900144"],
  ])("refuses %s", async (_, changes, code) => {
    const answer = await ask(authorizeUrl(world.entra, changes));
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain(code);
  });

  it("refuses a parameter sent twice", async () => {
    const answer = await ask(`${authorizeUrl(world.entra)}&redirect_uri=https://evil.example/`);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain("AADSTS90023");
  });

  it("escapes what the request put into the message", async () => {
    const answer = await ask(
      authorizeUrl(world.entra, { redirect_uri: "https://x.example/<script>alert(1)" }),
    );
    expect(answer.text).not.toContain("<script>alert");
  });

  it("honours a redirect URI only after it has propagated, and goes on honouring the removed one as long", async () => {
    const own = await startWorld({ propagation: { redirectUriMs: 240_000 } });
    register(own);
    expect((await ask(authorizeUrl(own.entra))).text).toContain("AADSTS50011");
    own.clock.advance(240_000);
    expect((await ask(authorizeUrl(own.entra))).headers.location).toContain("/sign-in/");
    const application = own.entra.directory.application(own.entra.cast.applications.gate.appId);
    if (application === undefined) throw new Error("no gate");
    own.entra.directory.writeApplication(application.id, {
      ...application,
      web: { ...application.web, redirectUris: [] },
    });
    expect((await ask(authorizeUrl(own.entra))).headers.location).toContain("/sign-in/");
    own.clock.advance(240_000);
    expect((await ask(authorizeUrl(own.entra))).text).toContain("AADSTS50011");
    await own.entra.close();
  });
});

describe("what goes back to the application", () => {
  it.each([
    ["response_type=id_token", { response_type: "id_token" }, "unsupported_response_type", "AADSTS700054"],
    ["a missing scope", { scope: undefined }, "invalid_request", "AADSTS900144"],
    ["an unknown scope", { scope: "openid Mail.Read" }, "invalid_scope", "AADSTS70011"],
    ["an unknown prompt", { prompt: "maybe" }, "invalid_request", "AADSTS90023"],
    [
      "login_hint with select_account",
      { prompt: "select_account", login_hint: "rita@contoso.example" },
      "invalid_request",
      "AADSTS90023",
    ],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request", "AADSTS90023"],
    ["a short challenge", { code_challenge: "short" }, "invalid_request", "AADSTS501491"],
    [
      "v1's resource parameter",
      { resource: "https://graph.microsoft.com" },
      "invalid_request",
      "AADSTS901002",
    ],
    ["claims that are no JSON", { claims: "{" }, "invalid_request", "AADSTS90013"],
    ["prompt=none without a session", { prompt: "none" }, "login_required", "AADSTS50058"],
  ])("refuses %s", async (_, changes, error, code) => {
    const answer = await returned(changes);
    expect(answer.get("error")).toBe(error);
    expect(answer.get("error_description")).toContain(`${code}:`);
    expect(answer.get("state")).toBe("a-state");
    expect(answer.has("iss")).toBe(false);
  });

  it("posts a refusal where form_post was asked for", async () => {
    const answer = await ask(authorizeUrl(world.entra, { response_mode: "form_post", prompt: "none" }));
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`action="${callback}"`);
    expect(answer.text).toContain('name="error" value="login_required"');
  });

  it("sends code, state and session_state, and no iss", async () => {
    const browser = new Browser(world.entra);
    const page = await browser.visit(authorizeUrl(world.entra));
    const answer = await browser.submit(page, { account: world.entra.cast.people.reviewer.oid });
    expect(answer.headers.location?.startsWith(`${callback}?code=`)).toBe(true);
    const names = [...new URL(answer.headers.location ?? "").searchParams.keys()];
    expect(names).toEqual(["code", "state", "session_state"]);
  });

  it("posts the code where form_post was asked for, with a button for those without script", async () => {
    const browser = new Browser(world.entra);
    const page = await browser.visit(authorizeUrl(world.entra, { response_mode: "form_post" }));
    const answer = await browser.submit(page, { account: world.entra.cast.people.reviewer.oid });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`<form method="POST" name="hiddenform" action="${callback}">`);
    expect(answer.text).toMatch(/name="code" value="[^"]{20,}"/);
    expect(answer.text).toContain("<noscript>");
  });
});
