import type { Directory } from "../directory/directory.ts";
import { delegatedClaims } from "./access-token.ts";
import type { Endpoints } from "./endpoints.ts";
import type { SigningKeys } from "./keys.ts";
import { graphAppId } from "./resource.ts";

/** Microsoft's own client, the same in every tenant. */
const azureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** What its tokens for Graph may be used for; how far they reach, the person's directory roles decide. */
const scopes = [
  ...["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All"],
  ...["DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All", "email", "Group.ReadWrite.All"],
  ...["openid", "profile", "User.Read.All", "User.ReadWrite.All"],
];

/** A token for Graph as `az account get-access-token` prints it for whoever is signed in there. */
export function azureCliToken(
  directory: Directory,
  endpoints: Endpoints,
  keys: SigningKeys,
  oid: string,
): Promise<string> {
  const user = directory.users.get(oid);
  if (user === undefined) throw new Error(`no user ${oid}`);
  const resource = { audience: "https://graph.microsoft.com", appId: graphAppId };
  const now = Math.floor(Date.now() / 1000);
  return keys.sign(delegatedClaims(directory, endpoints, user, azureCli, resource, scopes, now));
}
