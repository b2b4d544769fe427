import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DirectoryRole } from "../../../local/entra/directory/model.ts";
import { type Answer, type Graph, graphWith, startWorld, type World } from "./support.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.entra.close());

const readWriteOwnedBy = "18a4783c-866b-4cc7-a460-3d5e5662c884";
const defaultAccess = "00000000-0000-0000-0000-000000000000";

/** Graph as a person who is signed in to `az`, with these directory roles. */
async function as(person: keyof World["entra"]["cast"]["people"], ...roles: DirectoryRole[]): Promise<Graph> {
  const { oid } = world.entra.cast.people[person];
  world.entra.directory.directoryRoles.set(oid, new Set(roles));
  return graphWith(world.entra, await world.entra.azureCliToken(oid));
}

const codeOf = (answer: Answer) => [answer.status, answer.json().error?.code];
const denied = [403, "Authorization_RequestDenied"];
const settle = () => world.clock.advance(1_000);

async function makeApplication(graph: Graph, fields: Record<string, unknown> = {}) {
  const made = await graph("POST", "/applications", { displayName: "mine", ...fields });
  expect(made.status).toBe(201);
  settle();
  const { id, appId } = made.json();
  const principal = await graph("POST", "/servicePrincipals", { appId });
  expect(principal.status).toBe(201);
  settle();
  return { id, appId, principal: principal.json().id as string };
}

async function graphPrincipal(graph: Graph): Promise<string> {
  return (await graph("GET", "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")).json().id;
}

describe("a person's token", () => {
  it("creates where the tenant lets users, else by a role; an administrator does not own what he makes", async () => {
    const owners = async (graph: Graph) => {
      const { id } = await makeApplication(graph);
      return (await graph("GET", `/applications/${id}/owners`)).json().value;
    };
    expect(await owners(await as("outsider"))).toMatchObject([{ id: world.entra.cast.people.outsider.oid }]);
    expect(await owners(await as("admin", "Cloud Application Administrator"))).toEqual([]);
    world.entra.directory.usersMayRegister = false;
    const user = await as("outsider");
    expect(codeOf(await user("POST", "/applications", { displayName: "x" }))).toEqual(denied);
    const developer = await as("outsider", "Application Developer");
    expect(await owners(developer)).toHaveLength(1);
  });

  it("reaches what the person owns, and everything with an administrator's role only", async () => {
    const { objectId, servicePrincipalId } = world.entra.cast.applications.gate;
    const developer = await as("outsider", "Application Developer");
    expect(codeOf(await developer("PATCH", `/applications/${objectId}`, { notes: "x" }))).toEqual(denied);
    expect(codeOf(await developer("DELETE", `/applications/${objectId}`))).toEqual(denied);
    const admin = await as("admin", "Application Administrator");
    expect((await admin("PATCH", `/applications/${objectId}`, { notes: "x" })).status).toBe(204);
    expect((await admin("PATCH", `/servicePrincipals/${servicePrincipalId}`, { notes: "x" })).status).toBe(
      204,
    );
    const privileged = await as("admin", "Privileged Role Administrator");
    expect(codeOf(await privileged("PATCH", `/applications/${objectId}`, { notes: "y" }))).toEqual(denied);
    const guest = await as("guest");
    expect(codeOf(await guest("GET", `/applications/${objectId}`))).toEqual(denied);
  });

  it("knows who it is and where", async () => {
    const graph = await as("admin");
    expect((await graph("GET", "/me?$select=id")).json()).toMatchObject({
      id: world.entra.cast.people.admin.oid,
    });
    expect((await graph("GET", "/organization")).json().value).toMatchObject([{ id: world.entra.tenantId }]);
  });
});

describe("what was just created", () => {
  it("is not to be seen at once, and can't be built on", async () => {
    const graph = await as("outsider");
    const { id, appId } = (await graph("POST", "/applications", { displayName: "new" })).json();
    expect((await graph("GET", `/applications/${id}`)).status).toBe(404);
    settle();
    expect((await graph("GET", `/applications/${id}`)).status).toBe(200);
    const second = (await graph("POST", "/applications", { displayName: "new" })).json();
    expect((await graph("POST", "/servicePrincipals", { appId: second.appId })).status).toBe(400);
    const principal = await graph("POST", "/servicePrincipals", { appId });
    const ref = { "@odata.id": `${world.entra.graphUrl}/v1.0/directoryObjects/${principal.json().id}` };
    expect((await graph("POST", `/applications/${id}/owners/$ref`, ref)).status).toBe(404);
  });

  it("is found by its tag", async () => {
    const graph = await as("outsider");
    const { id } = await makeApplication(graph, { tags: ["other", "entra-gate-setup:x/gate"] });
    const found = async (filter: string) =>
      (await graph("GET", `/applications?$filter=${encodeURIComponent(filter)}&$select=id`)).json();
    expect((await found("tags/any(t:t eq 'entra-gate-setup:x/gate')")).value).toEqual([{ id }]);
    expect((await found("tags/any(t:t eq 'entra-gate-setup:x')")).value).toEqual([]);
    expect((await found("tags eq 'other'")).error.code).toBe("Request_UnsupportedQuery");
    expect((await found("displayName ne 'x'")).error).toBeDefined();
  });
});

describe("owners", () => {
  it("are added by reference, once, and can write", async () => {
    const developer = await as("outsider", "Application Developer");
    const { id, principal } = await makeApplication(developer);
    const ref = (oid: string) => ({
      "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${oid}`,
    });
    const { reviewer } = world.entra.cast.people;
    const other = await as("reviewer");
    expect(codeOf(await other("POST", `/applications/${id}/owners/$ref`, ref(reviewer.oid)))).toEqual(denied);
    const path = `/applications/${id}/owners/$ref`;
    expect((await developer("POST", path, ref("00000000-0000-4000-8000-000000000000"))).status).toBe(404);
    expect((await developer("POST", path, { "@odata.id": reviewer.oid })).status).toBe(400);
    expect((await developer("POST", path, ref(reviewer.oid))).status).toBe(204);
    expect((await developer("POST", path, ref(reviewer.oid))).status).toBe(400);
    expect((await other("PATCH", `/applications/${id}`, { notes: "x" })).status).toBe(204);
    expect(codeOf(await other("PATCH", `/servicePrincipals/${principal}`, { notes: "x" }))).toEqual(denied);
    expect(
      (await developer("POST", `/servicePrincipals/${principal}/owners/$ref`, ref(reviewer.oid))).status,
    ).toBe(204);
  });
});

describe("consent", () => {
  it("to delegated permissions takes an application administrator, and lets everybody in", async () => {
    const developer = await as("outsider", "Application Developer");
    const { appId, principal } = await makeApplication(developer);
    const grant = {
      clientId: principal,
      consentType: "AllPrincipals",
      resourceId: await graphPrincipal(developer),
      scope: "openid profile User.Read",
    };
    expect(codeOf(await developer("POST", "/oauth2PermissionGrants", grant))).toEqual(denied);
    const admin = await as("admin", "Cloud Application Administrator");
    const unknown = await admin("POST", "/oauth2PermissionGrants", { ...grant, scope: "Everything.All" });
    expect(unknown.status).toBe(400);
    const made = await admin("POST", "/oauth2PermissionGrants", grant);
    expect(made.status).toBe(201);
    expect((await admin("POST", "/oauth2PermissionGrants", grant)).status).toBe(409);
    expect([...world.entra.directory.consents.scopes(appId, "whoever")]).toContain("User.Read");
    const list = await admin(
      "GET",
      `/oauth2PermissionGrants?$filter=clientId eq '${principal}'`.replaceAll(" ", "%20"),
    );
    expect(list.json().value).toMatchObject([{ clientId: principal, consentType: "AllPrincipals" }]);
    const at = `/oauth2PermissionGrants/${made.json().id}`;
    expect((await admin("PATCH", at, { scope: "openid" })).status).toBe(204);
    expect([...world.entra.directory.consents.scopes(appId, "whoever")]).toEqual(["openid"]);
    expect((await admin("DELETE", at)).status).toBe(204);
    expect((await admin("DELETE", at)).status).toBe(404);
  });

  it("to Graph's application permissions takes a privileged role administrator", async () => {
    const developer = await as("outsider", "Application Developer");
    const { principal } = await makeApplication(developer);
    const resourceId = await graphPrincipal(developer);
    const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
    const assignment = { principalId: principal, resourceId, appRoleId: readWriteOwnedBy };
    for (const graph of [
      developer,
      await as("admin", "Cloud Application Administrator", "Application Administrator"),
    ])
      expect(codeOf(await graph("POST", path, assignment))).toEqual(denied);
    const privileged = await as("admin", "Privileged Role Administrator");
    expect((await privileged("POST", path, { ...assignment, appRoleId: defaultAccess })).status).toBe(400);
    expect((await privileged("POST", path, assignment)).status).toBe(201);
    expect((await privileged("POST", path, assignment)).status).toBe(400);
    const given = await developer("GET", `/servicePrincipals/${principal}/appRoleAssignments`);
    expect(given.json().value).toMatchObject([{ resourceId, appRoleId: readWriteOwnedBy }]);
  });
});

describe("assignment to an application", () => {
  it("is for its administrators and owners; default access where it has no roles only", async () => {
    const developer = await as("outsider", "Application Developer");
    const { id, appId, principal } = await makeApplication(developer);
    const group = world.entra.cast.groups.reviewers.id;
    const path = `/servicePrincipals/${principal}/appRoleAssignedTo`;
    const wanted = { principalId: group, resourceId: principal, appRoleId: defaultAccess };
    const stranger = await as("reviewer");
    expect(codeOf(await stranger("POST", path, wanted))).toEqual(denied);
    const admin = await as("admin", "Cloud Application Administrator");
    expect((await admin("POST", path, wanted)).status).toBe(201);
    expect((await admin("POST", path, wanted)).status).toBe(400);
    expect((await admin("GET", path)).json().value).toMatchObject([{ principalId: group }]);
    const role = {
      ...{ id: "0a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e", value: "Site.Admin", displayName: "A" },
      ...{ description: "B", isEnabled: true, allowedMemberTypes: ["User"] },
    };
    await developer("PATCH", `/applications/${id}`, { appRoles: [role] });
    const other = { ...wanted, principalId: world.entra.cast.people.admin.oid };
    expect((await developer("POST", path, other)).status).toBe(400);
    expect((await developer("POST", path, { ...other, appRoleId: role.id })).status).toBe(201);
    expect(world.entra.directory.roleAssignments).toContainEqual({
      ...{ principalId: other.principalId, appId, value: "Site.Admin" },
    });
  });
});

describe("federated credentials", () => {
  it("come and go, with what describes them", async () => {
    const developer = await as("outsider", "Application Developer");
    const { id } = await makeApplication(developer);
    const path = `/applications/${id}/federatedIdentityCredentials`;
    const credential = {
      ...{
        name: "github",
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:a/b:environment:c",
      },
      ...{ audiences: ["api://AzureADTokenExchange"], description: "by hand" },
    };
    const made = await developer("POST", path, credential);
    expect(made.json()).toMatchObject({ description: "by hand" });
    expect((await developer("POST", path, { ...credential, name: "again" })).status).toBe(409);
    expect((await developer("DELETE", `${path}/${made.json().id}`)).status).toBe(204);
    expect((await developer("DELETE", `${path}/${made.json().id}`)).status).toBe(404);
    expect((await developer("GET", path)).json().value).toEqual([]);
  });
});

describe("groups", () => {
  it("may share a name", async () => {
    const { groups } = world.entra.directory;
    const twin = { id: "aaaaaaaa-0000-4000-8000-000000000001", name: "Reviewers", securityEnabled: false };
    groups.set(twin.id, twin);
    const graph = await as("reviewer");
    const found = await graph(
      "GET",
      "/groups?$filter=displayName%20eq%20'reviewers'&$select=id,securityEnabled",
    );
    expect(found.json().value).toHaveLength(2);
    expect((await graph("GET", "/groups?$filter=displayName%20ne%20'reviewers'")).status).toBe(400);
    expect((await graph("GET", "/groups?$count=true")).json().error.code).toBe("Request_UnsupportedQuery");
    expect(codeOf(await (await as("guest"))("GET", "/groups"))).toEqual(denied);
  });
});

describe("what is deleted", () => {
  it("goes into the recycle bin with its service principal, and with all that was given to it", async () => {
    const admin = await as("admin", "Global Administrator");
    const { id, appId, principal } = await makeApplication(admin);
    world.entra.directory.consents.grant(appId, "*", ["openid"]);
    expect((await admin("DELETE", `/applications/${id}`)).status).toBe(204);
    expect((await admin("GET", `/applications/${id}`)).status).toBe(404);
    expect((await admin("GET", `/servicePrincipals/${principal}`)).status).toBe(404);
    expect(world.entra.directory.consents.of(appId)).toEqual([]);
    expect(world.entra.directory.deletedApplications.has(id)).toBe(true);
    expect((await admin("GET", `/applications/${world.entra.cast.applications.gate.objectId}`)).status).toBe(
      200,
    );
  });
});
