import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OptionalClaim } from "../../../local/entra/directory/model.ts";
import {
  ask,
  authorizeUrl,
  Browser,
  callback,
  federated,
  gateSecret,
  graphWith,
  redeem,
  register,
  signIn,
  startIssuer,
  startWorld,
  subject,
  type World,
} from "./support.ts";

let world: World;
let secret: string;
let browser: Browser;
let issuer: Awaited<ReturnType<typeof startIssuer>>;

const claim = (name: string): OptionalClaim => ({
  name,
  source: null,
  essential: false,
  additionalProperties: [],
});
const optionalClaims = (...names: string[]) => ({
  idToken: names.map(claim),
  accessToken: [],
  saml2Token: [],
});

beforeEach(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject } });
  register(world, { groupMembershipClaims: "SecurityGroup" });
  const graph = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
  secret = await gateSecret(world, graphWith(world.entra, graph.access_token));
  browser = new Browser(world.entra);
});
afterEach(async () => {
  await world.entra.close();
  await issuer.close();
});

describe("ID token", () => {
  it("has Entra's v2.0 claims, signed by the published key", async () => {
    const { entra } = world;
    const { reviewer } = entra.cast.people;
    const { body, claims } = await signIn(world, browser, reviewer.oid, secret);
    const keys = (await ask(`${entra.authority}/${entra.tenantId}/discovery/v2.0/keys`)).json();
    const { payload } = await jwtVerify(body.id_token, createLocalJWKSet(keys), {
      issuer: entra.issuer,
      audience: entra.cast.applications.gate.appId,
    });
    expect(decodeProtectedHeader(body.id_token)).toMatchObject({ typ: "JWT", alg: "RS256" });
    expect(payload).toMatchObject({
      ver: "2.0",
      tid: entra.tenantId,
      oid: reviewer.oid,
      name: "Rita Reviewer",
      preferred_username: "rita@contoso.example",
      nonce: "a-nonce",
      groups: [entra.cast.groups.reviewers.id],
    });
    expect(payload.sub).not.toBe(reviewer.oid);
    expect(payload.nbf).toBe(payload.iat);
    for (const name of ["roles", "auth_time", "login_hint", "acct", "sid", "acrs", "email", "upn"]) {
      expect(claims).not.toHaveProperty(name);
    }
    expect(body).toMatchObject({ token_type: "Bearer", scope: "openid profile User.Read" });
  });

  it("has oid, tid and name only with the profile scope", async () => {
    const { oid } = world.entra.cast.people.reviewer;
    const { claims } = await signIn(world, browser, oid, secret, { scope: "openid" });
    for (const name of ["oid", "tid", "name", "preferred_username"]) expect(claims).not.toHaveProperty(name);
  });

  it("has optional claims as configured, no others", async () => {
    register(world, { optionalClaims: optionalClaims("auth_time", "acct", "sid", "login_hint") });
    const { reviewer, guest } = world.entra.cast.people;
    const { claims } = await signIn(world, browser, reviewer.oid, secret);
    expect(claims).toMatchObject({ acct: 0, auth_time: expect.any(Number), sid: expect.any(String) });
    expect(claims).not.toHaveProperty("acrs");
    const other = await signIn(world, new Browser(world.entra), guest.oid, secret);
    expect(other.claims).toMatchObject({ acct: 1, preferred_username: "gus@partner.example" });
    const hinted = await browser.visit(
      authorizeUrl(world.entra, { login_hint: String(claims["login_hint"]) }),
    );
    expect(hinted.headers.location).toContain("code=");
  });

  it("has acrs where the request's claims parameter asked and the application is configured for it", async () => {
    const claims = JSON.stringify({ id_token: { acrs: { essential: true, value: "c1" } } });
    const { oid } = world.entra.cast.people.reviewer;
    expect((await signIn(world, browser, oid, secret, { claims })).claims).not.toHaveProperty("acrs");
    register(world, { optionalClaims: optionalClaims("acrs") });
    expect((await signIn(world, browser, oid, secret, { claims })).claims).toMatchObject({ acrs: ["c1"] });
    expect((await signIn(world, browser, oid, secret)).claims).not.toHaveProperty("acrs");
  });

  it("asks for more where a policy protects the context, once a session, and proves nothing where that is declined", async () => {
    const claims = JSON.stringify({ id_token: { acrs: { essential: true, value: "c1" } } });
    const { oid } = world.entra.cast.people.reviewer;
    register(world, { optionalClaims: optionalClaims("acrs") });
    world.entra.directory.protectedContexts.add("c1");
    const url = authorizeUrl(world.entra, { claims });
    const asked = await browser.submit(await browser.visit(url), { account: oid });
    expect(asked.text).toContain("Approve sign in request");
    const declined = new URL((await browser.submit(asked, { more: "cancel" })).headers.location ?? "");
    expect(declined.searchParams.get("error")).toBe("access_denied");
    const approved = await browser.submit(await browser.visit(url), { more: "approve" });
    expect((await redeem(world.entra, approved, secret)).claims).toMatchObject({ acrs: ["c1"] });
    expect((await browser.visit(url)).headers.location).toContain("code=");
    const silently = authorizeUrl(world.entra, { claims: claims.replace("c1", "c2"), prompt: "none" });
    world.entra.directory.protectedContexts.add("c2");
    expect((await browser.visit(silently)).headers.location).toContain("error=interaction_required");
  });

  it("tells how long ago the password was asked for: not again by a session that goes on, again by prompt=login", async () => {
    register(world, { optionalClaims: optionalClaims("auth_time") });
    const { oid } = world.entra.cast.people.reviewer;
    const now = Math.floor(Date.now() / 1000);
    await signIn(world, browser, oid, secret);
    world.entra.directory.agedSignIns = { before: Math.floor(Date.now() / 1000) + 1, by: 3600 };
    const { claims } = await signIn(world, browser, oid, secret);
    expect(claims["auth_time"]).toBeLessThanOrEqual(now - 3500);
    world.entra.directory.agedSignIns = { before: 0, by: 0 };
    const again = await signIn(world, browser, oid, secret, { prompt: "login" });
    expect(again.claims["auth_time"]).toBeGreaterThanOrEqual(now);
  });

  it("points elsewhere instead of listing 250 groups", async () => {
    const { claims } = await signIn(world, browser, world.entra.cast.people.manyGroups.oid, secret);
    expect(claims).not.toHaveProperty("groups");
    expect(claims).toMatchObject({
      _claim_names: { groups: "src1" },
      _claim_sources: { src1: { endpoint: expect.stringContaining("/getMemberObjects") } },
    });
  });

  it("has no groups claim for somebody in no group, nor where the application asks for none", async () => {
    const { outsider, reviewer } = world.entra.cast.people;
    expect((await signIn(world, browser, outsider.oid, secret)).claims).not.toHaveProperty("groups");
    register(world, { groupMembershipClaims: null });
    const { claims } = await signIn(world, new Browser(world.entra), reviewer.oid, secret);
    expect(claims).not.toHaveProperty("groups");
    expect(claims).not.toHaveProperty("_claim_names");
  });

  it("has a role once it exists, is enabled and is assigned", async () => {
    const { admin } = world.entra.cast.people;
    expect((await signIn(world, browser, admin.oid, secret)).claims).not.toHaveProperty("roles");
    const role = {
      id: "0a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e",
      value: "Site.Admin",
      displayName: "Administrators",
      description: "Administer the site",
      isEnabled: true,
      allowedMemberTypes: ["User" as const],
    };
    register(world, { appRoles: [role] });
    expect((await signIn(world, browser, admin.oid, secret)).claims["roles"]).toEqual(["Site.Admin"]);
    register(world, { appRoles: [{ ...role, isEnabled: false }] });
    expect((await signIn(world, browser, admin.oid, secret)).claims).not.toHaveProperty("roles");
  });

  it("can be misissued, for those who must refuse it", async () => {
    const { entra } = world;
    const { oid } = entra.cast.people.reviewer;
    const keys = (await ask(`${entra.authority}/${entra.tenantId}/discovery/v2.0/keys`)).json();
    entra.signWithForeignKey();
    const { body } = await signIn(world, browser, oid, secret);
    expect(decodeProtectedHeader(body.id_token).kid).toBe(keys.keys[0].kid);
    await expect(jwtVerify(body.id_token, createLocalJWKSet(keys))).rejects.toThrow();
    entra.misissue.foreignKey = false;
    entra.misissue.claims = (claims) => ({ ...claims, nonce: "another" });
    expect((await signIn(world, browser, oid, secret)).claims["nonce"]).toBe("another");
  });

  it("is signed by the newest key after a rotation", async () => {
    const { oid } = world.entra.cast.people.reviewer;
    const before = decodeProtectedHeader((await signIn(world, browser, oid, secret)).body.id_token).kid;
    await world.entra.rotateSigningKey();
    const after = decodeProtectedHeader((await signIn(world, browser, oid, secret)).body.id_token).kid;
    expect(after).not.toBe(before);
    const { keys } = (
      await ask(`${world.entra.authority}/${world.entra.tenantId}/discovery/v2.0/keys`)
    ).json();
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual([after, before]);
  });
});

describe("sessions and prompts", () => {
  it("signs in once and not again, in one browser", async () => {
    const { oid } = world.entra.cast.people.reviewer;
    await signIn(world, browser, oid, secret);
    const silent = await browser.visit(authorizeUrl(world.entra, { prompt: "none" }));
    expect(silent.headers.location).toContain("code=");
    expect((await new Browser(world.entra).visit(authorizeUrl(world.entra))).text).toContain(
      "Pick an account",
    );
  });

  it("asks again for prompt=login, select_account and max_age=0, within the same session", async () => {
    register(world, { optionalClaims: optionalClaims("auth_time", "sid") });
    const { reviewer } = world.entra.cast.people;
    const first = await signIn(world, browser, reviewer.oid, secret);
    for (const changes of [{ prompt: "login" }, { prompt: "select_account" }, { max_age: "0" }]) {
      const page = await browser.visit(authorizeUrl(world.entra, changes));
      expect(page.headers.location).toBeUndefined();
      const again = await redeem(world.entra, await browser.submit(page, { account: reviewer.oid }), secret);
      expect(again.claims["sid"]).toBe(first.claims["sid"]);
      expect(again.claims["auth_time"]).toBeGreaterThanOrEqual(Number(first.claims["auth_time"]));
    }
  });

  it("changes the account without script, and forgets the other", async () => {
    const { reviewer, outsider } = world.entra.cast.people;
    await signIn(world, browser, reviewer.oid, secret);
    const page = await browser.visit(authorizeUrl(world.entra, { prompt: "select_account" }));
    const answer = await browser.submit(page, { account: outsider.oid });
    expect((await redeem(world.entra, answer, secret)).claims["oid"]).toBe(outsider.oid);
    const next = await browser.visit(authorizeUrl(world.entra));
    expect((await redeem(world.entra, next, secret)).claims["oid"]).toBe(outsider.oid);
  });

  it("asks who, where login_hint names somebody else than who is signed in", async () => {
    const { reviewer, outsider } = world.entra.cast.people;
    await signIn(world, browser, reviewer.oid, secret);
    const page = await browser.visit(authorizeUrl(world.entra, { login_hint: outsider.upn }));
    expect(page.text).toContain("Otto Outsider");
    expect(page.text).not.toContain("Rita Reviewer");
    const none = await browser.visit(authorizeUrl(world.entra, { login_hint: outsider.upn, prompt: "none" }));
    expect(none.headers.location).toContain("error=login_required");
  });

  it("has a button for everybody and a field for another account", async () => {
    const page = await browser.visit(authorizeUrl(world.entra));
    for (const { name, oid } of Object.values(world.entra.cast.people)) {
      expect(page.text).toContain(`<button name="account" value="${oid}">${name}</button>`);
    }
    const unknown = await browser.submit(page, { upn: "nobody@contoso.example" }, 1);
    expect(unknown.text).toContain("This username may be incorrect");
    const answer = await browser.submit(unknown, { upn: "rita@contoso.example" }, 1);
    expect(answer.headers.location).toContain("code=");
  });

  it("does not take an account choice from a browser that did not start", async () => {
    const page = await browser.visit(authorizeUrl(world.entra));
    const { oid } = world.entra.cast.people.reviewer;
    const stranger = await new Browser(world.entra).submit(page, { account: oid });
    expect(stranger.status).toBe(400);
  });
});

describe("who gets no further than Entra's page", () => {
  it("keeps a disabled account", async () => {
    const { oid } = world.entra.cast.people.disabled;
    const answer = await browser.submit(await browser.visit(authorizeUrl(world.entra)), { account: oid });
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain("AADSTS50057");
  });

  it("keeps an account that is disabled while its session lives, and its codes", async () => {
    const { oid } = world.entra.cast.people.reviewer;
    await signIn(world, browser, oid, secret);
    const answer = await browser.visit(authorizeUrl(world.entra));
    world.entra.directory.updateUser(oid, { enabled: false });
    expect((await browser.visit(authorizeUrl(world.entra))).text).toContain("AADSTS50057");
    expect((await redeem(world.entra, answer, secret)).body.error_codes).toEqual([50057]);
  });

  it.each([undefined, "none"])("keeps somebody who is not assigned, prompt %s", async (prompt) => {
    const { directory, cast } = world.entra;
    const { oid } = cast.people.reviewer;
    await signIn(world, browser, oid, secret);
    const entry = directory.servicePrincipalEntry(cast.applications.gate.appId);
    entry?.object.write({ ...entry.object.current, appRoleAssignmentRequired: true }, world.clock.now());
    const kept = await browser.visit(authorizeUrl(world.entra, { prompt }));
    expect(kept.headers.location).toBeUndefined();
    expect(kept.text).toContain("AADSTS50105");
    directory.assignRole(cast.groups.reviewers.id, cast.applications.gate.appId);
    expect((await browser.visit(authorizeUrl(world.entra, { prompt }))).headers.location).toContain("code=");
  });
});

describe("consent", () => {
  it("is asked for where nobody gave it, and remembered", async () => {
    const { directory, cast } = world.entra;
    directory.consents.revoke(cast.applications.gate.appId, "*");
    const page = await browser.submit(await browser.visit(authorizeUrl(world.entra)), {
      account: cast.people.reviewer.oid,
    });
    expect(page.text).toContain("Permissions requested");
    const none = await browser.visit(authorizeUrl(world.entra, { prompt: "none" }));
    expect(none.headers.location).toContain("error=consent_required");
    const answer = await browser.submit(await browser.visit(authorizeUrl(world.entra)), {
      consent: "accept",
    });
    expect(answer.headers.location).toContain("code=");
    expect((await browser.visit(authorizeUrl(world.entra))).headers.location).toContain("code=");
  });

  it("comes back as access_denied when refused", async () => {
    const { directory, cast } = world.entra;
    directory.consents.revoke(cast.applications.gate.appId, "*");
    const page = await browser.submit(await browser.visit(authorizeUrl(world.entra)), {
      account: cast.people.reviewer.oid,
    });
    const answer = await browser.submit(page, { consent: "cancel" });
    const parameters = new URL(answer.headers.location ?? "").searchParams;
    expect(parameters.get("error")).toBe("access_denied");
    expect(parameters.get("error_description")).toContain("AADSTS65004");
  });
});

describe("sign-out", () => {
  const logout = (query: Record<string, string>) =>
    `${world.entra.authority}/${world.entra.tenantId}/oauth2/v2.0/logout?${new URLSearchParams(query)}`;

  it("asks which account, signs it out and goes back to a registered URI", async () => {
    await signIn(world, browser, world.entra.cast.people.reviewer.oid, secret);
    const page = await browser.visit(logout({ post_logout_redirect_uri: callback, state: "bye" }));
    expect(page.text).toContain("Rita Reviewer");
    const answer = await browser.submit(page, {});
    expect(answer.headers.location).toBe(`${callback}?state=bye`);
    expect((await browser.visit(authorizeUrl(world.entra))).text).toContain("Pick an account");
  });

  it("does not ask where logout_hint names the account", async () => {
    register(world, { optionalClaims: optionalClaims("login_hint") });
    const { claims } = await signIn(world, browser, world.entra.cast.people.reviewer.oid, secret);
    const answer = await browser.visit(
      logout({ post_logout_redirect_uri: callback, logout_hint: String(claims["login_hint"]) }),
    );
    expect(answer.headers.location).toBe(callback);
    expect((await browser.visit(authorizeUrl(world.entra))).text).toContain("Pick an account");
  });

  it("goes nowhere that is not registered", async () => {
    const answer = await browser.visit(logout({ post_logout_redirect_uri: "https://evil.example/" }));
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain("You signed out");
  });
});

it("hands out a delegated token with which Graph lists the user's 250 groups", async () => {
  const { manyGroups } = world.entra.cast.people;
  const { body } = await signIn(world, browser, manyGroups.oid, secret);
  expect(decodeJwt(body.access_token)).toMatchObject({
    scp: "openid profile User.Read",
    oid: manyGroups.oid,
  });
  const graph = graphWith(world.entra, body.access_token);
  const answer = await graph("POST", "/me/getMemberObjects", { securityEnabledOnly: false });
  expect(answer.json().value).toHaveLength(250);
  expect((await graph("POST", "/me/getMemberObjects", {})).status).toBe(400);
  expect((await graph("GET", "/applications")).status).toBe(403);
  expect((await graph("GET", `/groups/${world.entra.cast.groups.reviewers.id}`)).status).toBe(403);
});
