import { applications, groups, manyGroups, people, type RegisteredApplication } from "../cast.ts";
import type { Directory } from "./directory.ts";
import type { Application, ServicePrincipal } from "./model.ts";

/** An application as `POST /applications` with nothing but a name makes it. */
export function newApplication(
  id: string,
  appId: string,
  displayName: string,
  createdDateTime: string,
): Application {
  return {
    id,
    appId,
    displayName,
    description: null,
    notes: null,
    tags: [],
    createdDateTime,
    signInAudience: "AzureADMyOrg",
    identifierUris: [],
    groupMembershipClaims: null,
    isFallbackPublicClient: null,
    appRoles: [],
    optionalClaims: null,
    web: {
      redirectUris: [],
      homePageUrl: null,
      logoutUrl: null,
      implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
    },
    api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [] },
    requiredResourceAccess: [],
    passwordCredentials: [],
    keyCredentials: [],
  };
}

export function newServicePrincipal(id: string, appId: string, createdDateTime: string): ServicePrincipal {
  return {
    id,
    appId,
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    notes: null,
    tags: [],
    createdDateTime,
    graphPermissions: [],
  };
}

/**
 * What a tenant looks like after its administrator has done what only a person may do: the three registrations exist,
 * the automation may write the applications it owns and owns the gate's, the gate's delegated permissions are consented
 * to for everybody, and the admin has the role `Site.Admin`, which bites once the action has made that role.
 */
export function seed(directory: Directory): void {
  const createdDateTime = new Date(directory.clock.now()).toISOString();
  for (const group of [...Object.values(groups), ...manyGroups]) directory.groups.set(group.id, group);
  for (const person of Object.values(people)) directory.users.set(person.oid, person);
  const register = (
    { name, appId, objectId, servicePrincipalId }: RegisteredApplication,
    owners: readonly string[],
    graphPermissions: readonly string[] = [],
  ): void => {
    directory.addApplication(newApplication(objectId, appId, name, createdDateTime), owners, true);
    const principal = newServicePrincipal(servicePrincipalId, appId, createdDateTime);
    directory.addServicePrincipal({ ...principal, graphPermissions }, owners, true);
  };
  const { automation, gate, testClient } = applications;
  register(automation, [], ["Application.ReadWrite.OwnedBy"]);
  register(gate, [automation.servicePrincipalId]);
  register(testClient, []);
  directory.consents.grant(gate.appId, "*", ["openid", "profile", "email", "offline_access", "User.Read"]);
  directory.assignRole(people.admin.oid, gate.appId, "Site.Admin");
  directory.assignRole(testClient.servicePrincipalId, gate.appId, "Preview.Test");
}
