/**
 * Which delegated permission a token must have for a call; a token of `az` has them all, and then it is the person's role
 * that is missing. The first that fits counts.
 * Source: learn.microsoft.com, "Microsoft Graph REST API v1.0", the tables of each call.
 */
const permissions: readonly (readonly [RegExp, string])[] = [
  [/ \/(me|organization)$/, "User.Read"],
  [/ \/groups/, "GroupMember.Read.All"],
  [/ \/oauth2PermissionGrants/, "DelegatedPermissionGrant.ReadWrite.All"],
  [/^POST .*\/appRoleAssignedTo$/, "AppRoleAssignment.ReadWrite.All"],
  [/^GET /, "Application.Read.All"],
];

/** @param call method and path as Graph's documentation has it: `POST /applications` */
export function permissionFor(call: string): string {
  return permissions.find(([pattern]) => pattern.test(call))?.[1] ?? "Application.ReadWrite.All";
}
