import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { throttled } from "../../../local/entra/entra.ts";
import {
  ask,
  federated,
  type Graph,
  graphWith,
  startIssuer,
  startWorld,
  subject,
  type World,
} from "./support.ts";

let world: World;
let graph: Graph;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let path: string;

beforeEach(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject } });
  const { access_token } = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
  graph = graphWith(world.entra, access_token);
  path = `/applications/${world.entra.cast.applications.gate.objectId}`;
});
afterEach(async () => {
  await world.entra.close();
  await issuer.close();
});

const settle = () => world.clock.advance(60_000);
const redirectUris = async () => (await graph("GET", path)).json().web.redirectUris;
const role = (changes = {}) => ({
  id: "0a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e",
  value: "Site.Admin",
  displayName: "Administrators",
  description: "Administer the site",
  isEnabled: true,
  allowedMemberTypes: ["User"],
  ...changes,
});

describe("who may", () => {
  it.each([
    ["no token", {}],
    ["a made-up token", { authorization: "Bearer a.b.c" }],
    ["another scheme", { authorization: "Basic x" }],
  ])("refuses %s", async (_, headers: Record<string, string>) => {
    const answer = await ask(`${world.entra.graphUrl}/v1.0/applications`, { headers });
    expect(answer.status).toBe(401);
    expect(answer.json().error).toMatchObject({
      code: "InvalidAuthenticationToken",
      innerError: { "request-id": expect.any(String) },
    });
  });

  it("refuses to write what the automation doesn't own, and lets it be read", async () => {
    const other = `/applications/${world.entra.cast.applications.testClient.objectId}`;
    expect((await graph("GET", other)).status).toBe(200);
    for (const answer of [
      await graph("PATCH", other, { displayName: "mine" }),
      await graph("POST", `${other}/addPassword`, {}),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.json().error.code).toBe("Authorization_RequestDenied");
    }
    const principal = world.entra.cast.applications.testClient.servicePrincipalId;
    expect((await graph("PATCH", `/servicePrincipals/${principal}`, { tags: [] })).status).toBe(403);
  });

  it("does not let the automation read groups, nor ask for /me", async () => {
    const { reviewers } = world.entra.cast.groups;
    expect((await graph("GET", `/groups/${reviewers.id}`)).status).toBe(403);
    expect((await graph("POST", "/me/getMemberObjects", { securityEnabledOnly: true })).status).toBe(400);
  });
});

describe("applications", () => {
  it("are found by filter, alternate key and id", async () => {
    const { appId, objectId } = world.entra.cast.applications.gate;
    const list = (
      await graph("GET", `/applications?$filter=${encodeURIComponent(`appId eq '${appId}'`)}`)
    ).json();
    expect(list.value).toHaveLength(1);
    expect(list.value[0]).toMatchObject({ id: objectId, appId, web: { redirectUris: [] }, appRoles: [] });
    expect((await graph("GET", `/applications(appId='${appId}')?$select=id,web`)).json()).toEqual({
      "@odata.context": expect.any(String),
      id: objectId,
      web: expect.any(Object),
    });
    expect((await graph("GET", "/applications/11111111-2222-3333-4444-555555555555")).json().error.code).toBe(
      "Request_ResourceNotFound",
    );
  });

  it.each([
    ["an unknown field", { redirectUris: [] }, "Request_BadRequest"],
    ["an unknown field within", { web: { redirecturis: [] } }, "Request_BadRequest"],
    ["a read-only field", { appId: "11111111-2222-3333-4444-555555555555" }, "Request_BadRequest"],
    ["secrets by PATCH", { passwordCredentials: [] }, "Request_BadRequest"],
    ["a wrong type", { web: { redirectUris: "https://x.example/" } }, "Request_BadRequest"],
    ["http", { web: { redirectUris: ["http://x.example/"] } }, "Request_BadRequest"],
    ["a wildcard", { web: { redirectUris: ["https://*.x.example/"] } }, "Request_BadRequest"],
    ["a fragment", { web: { redirectUris: ["https://x.example/#a"] } }, "Request_BadRequest"],
    ["no URI", { web: { redirectUris: ["x"] } }, "Request_BadRequest"],
    ["a long URI", { web: { redirectUris: [`https://x.example/${"a".repeat(256)}`] } }, "Request_BadRequest"],
    [
      "257 of them",
      { web: { redirectUris: Array.from({ length: 257 }, (_, n) => `https://x.example/${n}`) } },
      "Request_BadRequest",
    ],
    ["one twice", { web: { redirectUris: ["https://x.example/", "https://x.example/"] } }, "DuplicateValue"],
    ["a setting of its own", { groupMembershipClaims: "Securitygroup" }, "Request_BadRequest"],
    [
      "an unknown optional claim",
      { optionalClaims: { idToken: [{ name: "authtime" }] } },
      "Request_BadRequest",
    ],
    [
      "an optional claim's unknown field",
      { optionalClaims: { idToken: [{ name: "sid", x: 1 }] } },
      "Request_BadRequest",
    ],
    ["a role with a space", { appRoles: [role({ value: "Site Admin" })] }, "Request_BadRequest"],
    ["a role without description", { appRoles: [role({ description: "" })] }, "Request_BadRequest"],
    [
      "a role with the origin that answers have",
      { appRoles: [role({ origin: "Application" })] },
      "Request_BadRequest",
    ],
    ["a role for nobody", { appRoles: [role({ allowedMemberTypes: [] })] }, "Request_BadRequest"],
    ["a role id that is no GUID", { appRoles: [role({ id: "1" })] }, "Request_BadRequest"],
    [
      "two roles with one value",
      { appRoles: [role(), role({ id: "1a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e" })] },
      "DuplicateValue",
    ],
  ])("refuse %s and stay as they are", async (_, patch, code) => {
    const before = world.entra.directory.application(world.entra.cast.applications.gate.appId);
    const answer = await graph("PATCH", path, patch);
    expect(answer.status).toBe(400);
    expect(answer.json().error.code).toBe(code);
    expect(world.entra.directory.application(world.entra.cast.applications.gate.appId)).toBe(before);
  });

  it("refuse a body that isn't declared as JSON, or isn't JSON", async () => {
    const headers = { authorization: "", ...{} };
    const { access_token } = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
    headers.authorization = `Bearer ${access_token}`;
    const url = `${world.entra.graphUrl}/v1.0${path}`;
    const patch = (body: string, type?: string) =>
      ask(url, {
        method: "PATCH",
        body,
        headers: type === undefined ? headers : { ...headers, "content-type": type },
      });
    expect((await patch("{}")).status).toBe(400);
    expect((await patch("{}", "text/plain")).status).toBe(415);
    expect((await patch("{", "application/json")).status).toBe(400);
    expect((await patch("{}", "application/json; charset=utf-8")).status).toBe(204);
  });

  it("merge web field by field and replace arrays whole, so that overlapping writes lose one", async () => {
    const first = "https://a.example/.auth/callback";
    const second = "https://b.example/.auth/callback";
    const read = [await redirectUris(), await redirectUris()];
    await graph("PATCH", path, {
      web: { redirectUris: [...read[0], first], homePageUrl: "https://a.example/" },
    });
    await graph("PATCH", path, { web: { redirectUris: [...read[1], second] } });
    settle();
    expect((await graph("GET", path)).json().web).toMatchObject({
      redirectUris: [second],
      homePageUrl: "https://a.example/",
    });
  });

  it("lose an update when told to, after having answered", async () => {
    world.entra.loseUpdates(1);
    const patch = { web: { redirectUris: ["https://a.example/"] } };
    expect((await graph("PATCH", path, patch)).status).toBe(204);
    settle();
    expect(await redirectUris()).toEqual([]);
    expect((await graph("PATCH", path, patch)).status).toBe(204);
    settle();
    expect(await redirectUris()).toEqual(["https://a.example/"]);
  });

  it("take the local world's plain http for .localhost only", async () => {
    const local = "http://sign-in.localhost:8788/.auth/callback";
    expect((await graph("PATCH", path, { web: { redirectUris: [local] } })).status).toBe(204);
    for (const uri of [
      "http://sign-in.localhost.evil.example/",
      "http://127.0.0.1/",
      "http://evillocalhost/",
    ]) {
      expect((await graph("PATCH", path, { web: { redirectUris: [uri] } })).status).toBe(400);
    }
  });

  it("keep an enabled role until it is disabled", async () => {
    await graph("PATCH", path, { appRoles: [role()] });
    for (const appRoles of [[], [role({ value: "Site.Owner" })]]) {
      const answer = await graph("PATCH", path, { appRoles });
      expect(answer.json().error.code).toBe("CannotDeleteOrUpdateEnabledEntitlement");
    }
    expect((await graph("PATCH", path, { appRoles: [role({ isEnabled: false })] })).status).toBe(204);
    expect((await graph("PATCH", path, { appRoles: [] })).status).toBe(204);
  });

  it("show a write to some reads before others", async () => {
    await graph("PATCH", path, { web: { redirectUris: ["https://a.example/"] } });
    const seen = [];
    for (let read = 0; read < 4; read += 1) seen.push((await redirectUris()).length);
    expect(seen).toEqual([0, 1, 0, 1]);
    settle();
    expect(await redirectUris()).toEqual(["https://a.example/"]);
  });

  it("belong to who creates them, and are not everywhere at once", async () => {
    const created = await graph("POST", "/applications", { displayName: "Another gate" });
    expect(created.status).toBe(201);
    const { id, appId } = created.json();
    expect(created.headers.location).toBe(`${world.entra.graphUrl}/v1.0/applications/${id}`);
    expect((await graph("GET", `/applications/${id}`)).status).toBe(404);
    expect((await graph("GET", `/applications/${id}`)).status).toBe(200);
    settle();
    expect((await graph("PATCH", `/applications/${id}`, { displayName: "Renamed" })).status).toBe(204);
    settle();
    const owners = (await graph("GET", `/applications/${id}/owners`)).json().value;
    expect(owners).toMatchObject([{ id: world.entra.cast.applications.automation.servicePrincipalId }]);
    expect((await graph("POST", "/servicePrincipals", { appId })).status).toBe(201);
    expect((await graph("POST", "/servicePrincipals", { appId })).status).toBe(409);
    settle();
    const principal = `/servicePrincipals(appId='${appId}')`;
    expect((await graph("PATCH", principal, { appRoleAssignmentRequired: true })).status).toBe(204);
    settle();
    expect((await graph("GET", principal)).json()).toMatchObject({ appRoleAssignmentRequired: true });
  });
});

describe("secrets", () => {
  it("are shown once and never again", async () => {
    const made = await graph("POST", `${path}/addPassword`, {
      passwordCredential: { displayName: "gate 1" },
    });
    const { secretText, keyId, hint } = made.json();
    expect(made.status).toBe(200);
    expect(secretText.length).toBeGreaterThanOrEqual(40);
    expect(secretText.startsWith(hint)).toBe(true);
    settle();
    const shown = await graph("GET", path);
    expect(shown.text).not.toContain(secretText);
    expect(shown.json().passwordCredentials).toMatchObject([
      { keyId, displayName: "gate 1", secretText: null },
    ]);
    const removed = await graph("POST", `${path}/removePassword`, { keyId });
    expect(removed.status).toBe(204);
    expect((await graph("POST", `${path}/removePassword`, { keyId })).status).toBe(400);
  });

  it.each([
    ["an end in the past", { passwordCredential: { endDateTime: "2020-01-01T00:00:00Z" } }],
    ["a time that is none", { passwordCredential: { endDateTime: "tomorrow" } }],
    ["a text of one's own", { passwordCredential: { secretText: "chosen" } }],
    ["fields in the wrong place", { displayName: "x" }],
  ])("refuse %s", async (_, body) => {
    expect((await graph("POST", `${path}/addPassword`, body)).status).toBe(400);
  });

  it("may be forbidden or shortened by the tenant", async () => {
    world.entra.secretPolicy.maxDays = 90;
    const code = async (days: number) => {
      const endDateTime = new Date(world.clock.now() + days * 86_400_000).toISOString();
      const answer = await graph("POST", `${path}/addPassword`, { passwordCredential: { endDateTime } });
      return answer.json().error?.code;
    };
    expect(await code(91)).toBe("CredentialInvalidLifetimeAsPerAppPolicy");
    expect(await code(89)).toBeUndefined();
    world.entra.secretPolicy.blocked = true;
    expect(await code(1)).toBe("CredentialTypeNotAllowedAsPerAppPolicy");
  });
});

describe("the rest", () => {
  it("refuses versions, segments, methods and query options it doesn't have", async () => {
    expect((await ask(`${world.entra.graphUrl}/beta/applications`)).status).toBe(401);
    expect((await graph("GET", "/users")).status).toBe(400);
    expect((await graph("PUT", path, {})).status).toBe(405);
    expect((await graph("DELETE", `${path}/owners`)).status).toBe(405);
    expect((await graph("GET", "/applications?$filter=startswith(displayName,'a')")).status).toBe(400);
    expect((await graph("GET", "/applications?filter=x")).status).toBe(400);
    expect((await graph("GET", `${path}?$select=nonsense`)).status).toBe(400);
  });

  it("throttles when told to, and logs every call to its own service", async () => {
    world.faults.add(throttled({ retryAfter: 7, times: 1, method: "PATCH" }));
    const answer = await graph("PATCH", path, { displayName: "x" });
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("7");
    expect((await graph("PATCH", path, { displayName: "x" })).status).toBe(204);
    expect(world.log.count("graph", ({ method }) => method === "PATCH")).toBe(2);
    expect(world.log.count("entra")).toBe(1);
    expect(JSON.stringify(world.log.calls)).not.toContain("eyJ");
  });
});
