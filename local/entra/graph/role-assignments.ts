import * as v from "valibot";
import type { Directory, RoleAssignment } from "../directory/directory.ts";
import { parseBody } from "./application-schema.ts";
import { type Caller, has, is, mayReadApplications } from "./caller.ts";
import { badRequest, denied, notFound } from "./errors.ts";
import { graphAppRoles, graphPrincipal } from "./microsoft-graph.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { readQuery } from "./query.ts";

/** Default access: assigned, with no role. */
export const noRole = "00000000-0000-0000-0000-000000000000";

const guid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a GUID"));
const post = v.strictObject({ principalId: guid, resourceId: guid, appRoleId: guid });

/** What a service principal has been given. */
export function listAppRoleAssignments(
  { caller, directory, parameters }: GraphRequest,
  key: string,
): GraphAnswer {
  mayReadApplications(caller);
  readQuery(parameters, []);
  if (!directory.servicePrincipals.has(key)) throw notFound(key);
  const value = assignmentsOf(directory).filter(({ principalId }) => principalId === key);
  return { status: 200, context: "appRoleAssignments", body: { value } };
}

/** Who has been given something of a service principal's: a hundred a page. */
export function listAppRoleAssignedTo(
  { caller, directory, parameters, graphUrl }: GraphRequest,
  key: string,
): GraphAnswer {
  mayReadApplications(caller);
  const from = Number(parameters.get("$skiptoken") ?? 0);
  parameters.delete("$skiptoken");
  readQuery(parameters, []);
  if (key !== graphPrincipal.id && !directory.servicePrincipals.has(key)) throw notFound(key);
  const all = assignmentsOf(directory).filter(({ resourceId }) => resourceId === key);
  const value = all.slice(from, from + pageSize);
  const next = from + pageSize;
  const link = `${graphUrl}/v1.0/servicePrincipals/${key}/appRoleAssignedTo?$skiptoken=${next}`;
  return {
    status: 200,
    context: "appRoleAssignments",
    body: { ...(next < all.length ? { "@odata.nextLink": link } : {}), value },
  };
}

const pageSize = 100;

export function assignAppRole({ caller, directory, body }: GraphRequest, key: string): GraphAnswer {
  const { principalId, resourceId, appRoleId } = parseBody(post, body);
  if (resourceId !== key)
    throw badRequest("The resourceId doesn't match the service principal in the address.");
  mayAssign(caller, directory, resourceId);
  const kind = kindOf(directory, principalId);
  if (kind === undefined) throw notFound(principalId);
  if (
    assignmentsOf(directory).some(
      (one) =>
        one.principalId === principalId && one.resourceId === resourceId && one.appRoleId === appRoleId,
    )
  )
    throw badRequest("Permission being assigned already exists on the object");
  if (resourceId === graphPrincipal.id) grantGraphRole(directory, principalId, appRoleId);
  else
    assign(
      directory,
      { principalId, resourceId, appRoleId },
      kind === "ServicePrincipal" ? "Application" : "User",
    );
  const made = assignmentsOf(directory).findLast(
    (one) => one.principalId === principalId && one.resourceId === resourceId && one.appRoleId === appRoleId,
  );
  return { status: 201, context: "appRoleAssignments/$entity", body: made as object };
}

/**
 * Graph's application permissions are for Privileged Role Administrators; all else is for application administrators, too,
 * and for owners of the resource.
 * Source: learn.microsoft.com, "Least privileged roles by task"; "Grant an appRoleAssignment for a service principal".
 */
function mayAssign(caller: Caller, directory: Directory, resourceId: string): void {
  const owns = directory.servicePrincipals.get(resourceId)?.owners.has(caller.oid) === true;
  const roles =
    resourceId === graphPrincipal.id
      ? is(caller, "Privileged Role Administrator")
      : owns ||
        is(
          caller,
          "Application Administrator",
          "Cloud Application Administrator",
          "Privileged Role Administrator",
        );
  const role = caller.kind === "app" || roles;
  if (!role || !has(caller, "AppRoleAssignment.ReadWrite.All")) throw denied();
}

function grantGraphRole(directory: Directory, principalId: string, appRoleId: string): void {
  const value = graphAppRoles.find(({ id }) => id === appRoleId)?.value;
  const object = directory.servicePrincipals.get(principalId)?.object;
  if (value === undefined || object === undefined) throw notOnApplication();
  const { graphPermissions } = object.current;
  object.write({ ...object.current, graphPermissions: [...graphPermissions, value] }, directory.clock.now());
}

/** Default access where the application declares a role for that kind is refused: what the real service does is not known. */
function assign(
  directory: Directory,
  { principalId, resourceId, appRoleId }: v.InferOutput<typeof post>,
  kind: "User" | "Application",
): void {
  const appId = directory.servicePrincipals.get(resourceId)?.object.current.appId;
  if (appId === undefined) throw notFound(resourceId);
  const roles = (directory.application(appId)?.appRoles ?? []).filter(
    (role) => role.isEnabled && role.allowedMemberTypes.includes(kind),
  );
  if (appRoleId === noRole) {
    if (roles.length > 0) throw notOnApplication();
    directory.assignRole(principalId, appId);
    return;
  }
  const role = roles.find(({ id }) => id === appRoleId);
  if (role?.value == null) throw notOnApplication();
  directory.assignRole(principalId, appId, role.value);
}

function notOnApplication() {
  return badRequest("Permission being assigned was not found on application");
}

function kindOf(directory: Directory, id: string): "User" | "Group" | "ServicePrincipal" | undefined {
  if (directory.users.has(id)) return "User";
  if (directory.groups.has(id)) return "Group";
  return directory.servicePrincipals.has(id) ? "ServicePrincipal" : undefined;
}

function assignmentsOf(directory: Directory) {
  const view = (principalId: string, resourceId: string, appRoleId: string) => ({
    id: Buffer.from(`${principalId} ${resourceId} ${appRoleId}`).toString("base64url"),
    deletedDateTime: null,
    ...{ appRoleId, principalId, resourceId },
    principalType: kindOf(directory, principalId) ?? "User",
  });
  const own = directory.roleAssignments.flatMap((one) => {
    const resource = directory.servicePrincipal(one.appId);
    const role = roleIdOf(directory, one);
    return resource === undefined || role === undefined ? [] : [view(one.principalId, resource.id, role)];
  });
  const graph = [...directory.servicePrincipals.values()].flatMap(({ object }) =>
    object.current.graphPermissions.flatMap((permission) => {
      const role = graphAppRoles.find(({ value }) => value === permission);
      return role === undefined ? [] : [view(object.current.id, graphPrincipal.id, role.id)];
    }),
  );
  return [...own, ...graph];
}

function roleIdOf(directory: Directory, { appId, value }: RoleAssignment): string | undefined {
  if (value === undefined) return noRole;
  return directory.application(appId)?.appRoles.find((role) => role.value === value)?.id;
}
