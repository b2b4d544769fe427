import type { Directory, RoleAssignment } from "./directory.ts";
import type { User } from "./model.ts";

function assignmentsOf(directory: Directory, user: User, appId: string): RoleAssignment[] {
  return directory.roleAssignments.filter(
    ({ appId: of, principalId }) =>
      of === appId && (principalId === user.oid || user.groups.includes(principalId)),
  );
}

/** Whether "assignment required" is met: the user, or a group with the user as direct member, is assigned. */
export function isAssigned(directory: Directory, user: User, appId: string): boolean {
  return assignmentsOf(directory, user, appId).length > 0;
}

/** The same for a client that asks for app-only tokens. */
export function isPrincipalAssigned(
  directory: Directory,
  servicePrincipalId: string,
  appId: string,
): boolean {
  return directory.roleAssignments.some(
    (assignment) => assignment.appId === appId && assignment.principalId === servicePrincipalId,
  );
}

/** Values of the app roles in force for a user: assigned, existing, enabled and open to users. */
export function rolesOf(directory: Directory, user: User, appId: string): string[] {
  const wanted = new Set(assignmentsOf(directory, user, appId).map(({ value }) => value));
  return valuesOf(directory, appId, "User").filter((value) => wanted.has(value));
}

/** Values of the app roles in force for a service principal, for app-only tokens. */
export function applicationRolesOf(
  directory: Directory,
  servicePrincipalId: string,
  appId: string,
): string[] {
  return valuesOf(directory, appId, "Application").filter((value) =>
    directory.roleAssignments.some(
      (assignment) =>
        assignment.appId === appId &&
        assignment.principalId === servicePrincipalId &&
        assignment.value === value,
    ),
  );
}

function valuesOf(directory: Directory, appId: string, memberType: "User" | "Application"): string[] {
  const roles = directory.application(appId)?.appRoles ?? [];
  return roles.flatMap((role) =>
    role.isEnabled && role.value !== null && role.allowedMemberTypes.includes(memberType) ? [role.value] : [],
  );
}

/** Ids of the groups that `groupMembershipClaims` puts into a token; undefined where it asks for none. */
export function groupsForToken(
  directory: Directory,
  user: User,
  appId: string,
): readonly string[] | undefined {
  const setting =
    directory
      .application(appId)
      ?.groupMembershipClaims?.split(",")
      .map((part) => part.trim()) ?? [];
  if (setting.includes("All") || setting.includes("SecurityGroup")) return user.groups;
  if (!setting.includes("ApplicationGroup")) return undefined;
  const assigned = new Set(
    directory.roleAssignments.filter(({ appId: of }) => of === appId).map(({ principalId }) => principalId),
  );
  return user.groups.filter((id) => assigned.has(id));
}
