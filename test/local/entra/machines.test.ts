import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Application } from "../../../local/entra/directory/model.ts";
import {
  authorizeUrl,
  Browser,
  callback,
  gate,
  startIssuer,
  startWorld,
  subject,
  token,
  verifier,
  type World,
} from "./support.ts";

const testSubject = "repo:contoso/site:environment:preview-test";
let world: World;
let issuer: Awaited<ReturnType<typeof startIssuer>>;

beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject, testSubjects: [testSubject] } });
});
afterAll(async () => {
  await world.entra.close();
  await issuer.close();
});

/** The gate's application with other settings, in force at once. */
function configure(change: Partial<Application>): void {
  world.entra.directory.writeApplication(gate(world.entra).id, { ...gate(world.entra), ...change });
}

const role = (value: string) => ({
  id: crypto.randomUUID(),
  value,
  displayName: value,
  description: value,
  isEnabled: true,
  allowedMemberTypes: ["Application" as const],
});
const claim = (name: string, ...additionalProperties: string[]) => ({
  name,
  source: null,
  essential: false,
  additionalProperties,
});
const accessToken = (...claims: ReturnType<typeof claim>[]) => ({
  optionalClaims: { idToken: [], accessToken: claims, saml2Token: [] },
});

const machine = async (changes: Record<string, string> = {}, sub = testSubject) =>
  token(world.entra, {
    client_id: world.entra.cast.applications.testClient.appId,
    grant_type: "client_credentials",
    scope: `${gate(world.entra).appId}/.default`,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await issuer.token({ sub }),
    ...changes,
  });
const claimsOf = async (changes: Record<string, string> = {}) =>
  decodeJwt((await machine(changes)).json().access_token);

describe("app-only tokens for the gate's application", () => {
  it("are of version 1.0 unless it asks for 2.0, each with its own issuer, audience and client claim", async () => {
    const { appId } = gate(world.entra);
    const { testClient } = world.entra.cast.applications;
    configure({ identifierUris: [`api://${appId}`] });
    const first = await claimsOf({ scope: `api://${appId}/.default` });
    expect(first).toMatchObject({
      ver: "1.0",
      aud: `api://${appId}`,
      appid: testClient.appId,
      appidacr: "2",
    });
    expect(first.iss).toBe(`${world.entra.authority}/${world.entra.tenantId}/`);
    configure({ api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [] } });
    const second = await claimsOf({ scope: `api://${appId}/.default` });
    expect(second).toMatchObject({ ver: "2.0", aud: appId, azp: testClient.appId, azpacr: "2" });
    expect(second.iss).toBe(world.entra.issuer);
    expect(second).not.toHaveProperty("appid");
  });

  it("carry the roles assigned to the client once they exist, and say idtyp only where asked to", async () => {
    expect(await claimsOf()).not.toHaveProperty("roles");
    configure({ appRoles: [role("Preview.Test"), role("Site.Admin")] });
    const claims = await claimsOf();
    expect(claims["roles"]).toEqual(["Preview.Test"]);
    expect(claims).not.toHaveProperty("idtyp");
    expect(claims).not.toHaveProperty("scp");
    configure(accessToken(claim("idtyp")));
    expect(await claimsOf()).toMatchObject({ idtyp: "app" });
  });

  it("are refused to another subject, and to a client that isn't assigned where that is required", async () => {
    expect((await machine({}, subject)).json().error_codes).toEqual([700213]);
    const { directory, cast } = world.entra;
    const principal = directory.servicePrincipalEntry(gate(world.entra).appId)?.object;
    if (principal === undefined) throw new Error("no service principal");
    principal.write({ ...principal.current, appRoleAssignmentRequired: true }, 0);
    expect((await machine()).status).toBe(200);
    const { automation } = cast.applications;
    const other = await machine({ client_id: automation.appId }, subject);
    expect(other.json().error_codes).toEqual([501051]);
    principal.write({ ...principal.current, appRoleAssignmentRequired: false }, 0);
    expect((await machine({ client_id: automation.appId }, subject)).status).toBe(200);
  });
});

describe("delegated tokens for the gate's application", () => {
  const scope = () => `api://${gate(world.entra).appId}/Sites.Read`;

  beforeAll(() => {
    const { directory, cast } = world.entra;
    const client = directory.application(cast.applications.testClient.appId);
    if (client === undefined) throw new Error("no test client");
    directory.writeApplication(client.id, { ...client, web: { ...client.web, redirectUris: [callback] } });
    const exposed = { id: crypto.randomUUID(), value: "Sites.Read", isEnabled: true };
    configure({
      ...accessToken(claim("idtyp", "include_user_token"), claim("acct")),
      api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [exposed] },
    });
    world.clock.advance(60_000);
  });

  /** From the authorization request to the token, as a person with the test client. */
  async function signIn(scopes: string) {
    const { appId } = world.entra.cast.applications.testClient;
    const browser = new Browser(world.entra);
    const url = authorizeUrl(world.entra, { client_id: appId, scope: scopes });
    const page = await browser.visit(url);
    const { oid } = world.entra.cast.people.reviewer;
    const answer = page.headers.location === undefined ? await browser.submit(page, { account: oid }) : page;
    const back = new URL(answer.headers.location ?? "about:blank").searchParams;
    if (!back.has("code")) return { error: back.get("error"), text: back.get("error_description") };
    const redeemed = await machine({
      grant_type: "authorization_code",
      code: back.get("code") ?? "",
      redirect_uri: callback,
      code_verifier: verifier,
    });
    return decodeJwt(redeemed.json().access_token);
  }

  it("need consent, then carry scp and who it is", async () => {
    const { directory, cast } = world.entra;
    const { testClient } = cast.applications;
    directory.consents.grant(testClient.appId, "*", ["openid", "profile"]);
    expect(await signIn(`openid ${scope()}`)).toMatchObject({ error: "consent_required" });
    directory.consents.grant(testClient.appId, "*", [scope()]);
    expect(await signIn(`openid ${scope()}`)).toMatchObject({
      aud: gate(world.entra).appId,
      azp: testClient.appId,
      scp: "Sites.Read",
      idtyp: "user",
      acct: 0,
      oid: cast.people.reviewer.oid,
      ver: "2.0",
    });
  });

  it("are for one resource, and only for what it exposes", async () => {
    expect((await signIn(`openid User.Read ${scope()}`))["text"]).toContain("AADSTS28000");
    expect((await signIn(`openid ${scope()}.All`))["text"]).toContain("AADSTS70011");
  });
});
