import { graphAppId } from "../login/resource.ts";

/** Microsoft Graph's own service principal, which every tenant has. Its object id differs from tenant to tenant. */
export const graphPrincipal = {
  id: "e2a7c4d8-5f10-4b6a-9c3e-70d1b8f24a01",
  appId: graphAppId,
  displayName: "Microsoft Graph",
} as const;

/** Some of its application permissions. Source: learn.microsoft.com, "Microsoft Graph permissions reference". */
export const graphAppRoles: readonly { readonly id: string; readonly value: string }[] = [
  { id: "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", value: "Application.ReadWrite.All" },
  { id: "18a4783c-866b-4cc7-a460-3d5e5662c884", value: "Application.ReadWrite.OwnedBy" },
  { id: "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", value: "Application.Read.All" },
  { id: "7ab1d382-f21e-4acd-a863-ba3e13f7da61", value: "Directory.Read.All" },
  { id: "98830695-27a2-44f7-8c18-0c3ebc9698f6", value: "GroupMember.Read.All" },
];

/** Some of its delegated permissions, which a grant may name. */
export const graphScopes: ReadonlySet<string> = new Set([
  ...["openid", "profile", "email", "offline_access", "User.Read", "User.Read.All"],
  ...["GroupMember.Read.All", "Directory.Read.All", "Application.ReadWrite.All"],
]);

export function graphPrincipalView() {
  return {
    ...graphPrincipal,
    appDisplayName: graphPrincipal.displayName,
    accountEnabled: true,
    // Microsoft's own tenant, never the customer's.
    appOwnerOrganizationId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    appRoleAssignmentRequired: false,
    servicePrincipalType: "Application",
    tags: [],
    appRoles: graphAppRoles.map(({ id, value }) => ({
      ...{ id, value, displayName: value, description: value, isEnabled: true, origin: "Application" },
      allowedMemberTypes: ["Application"],
    })),
    passwordCredentials: [],
    keyCredentials: [],
  };
}
