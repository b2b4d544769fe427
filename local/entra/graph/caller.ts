import { jwtVerify } from "jose";
import type { Directory } from "../directory/directory.ts";
import type { DirectoryRole } from "../directory/model.ts";
import { accessTokenIssuer } from "../login/access-token.ts";
import type { Endpoints } from "../login/endpoints.ts";
import type { SigningKeys } from "../login/keys.ts";
import { graphAudiences } from "../login/resource.ts";
import { denied, GraphError } from "./errors.ts";

/** Who is calling Graph, by the access token. */
export interface Caller {
  readonly kind: "app" | "user";
  /** Object id: of the service principal, or of the user. */
  readonly oid: string;
  /** Application permissions (`roles`) or delegated ones (`scp`). */
  readonly permissions: ReadonlySet<string>;
  /** A user's directory roles. */
  readonly roles: ReadonlySet<DirectoryRole>;
  readonly guest: boolean;
}

/** @throws GraphError 401 InvalidAuthenticationToken */
export async function readCaller(
  authorization: string | undefined,
  endpoints: Endpoints,
  keys: SigningKeys,
  directory: Directory,
): Promise<Caller> {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw unauthorized("Access token is empty.");
  try {
    const { payload } = await jwtVerify(token, keys.published, {
      algorithms: ["RS256"],
      issuer: accessTokenIssuer(endpoints),
      audience: [...graphAudiences(endpoints)],
      requiredClaims: ["exp", "oid", "tid", "appid"],
    });
    const app = payload["idtyp"] === "app";
    const permissions = app ? payload["roles"] : String(payload["scp"] ?? "").split(" ");
    const oid = String(payload["oid"]);
    return {
      kind: app ? "app" : "user",
      oid,
      permissions: new Set(Array.isArray(permissions) ? permissions.map(String) : []),
      roles: (app ? undefined : directory.directoryRoles.get(oid)) ?? new Set(),
      guest: directory.users.get(oid)?.kind === "guest",
    };
  } catch (error) {
    const expired = (error as { code?: string }).code === "ERR_JWT_EXPIRED";
    throw unauthorized(
      expired ? "Lifetime validation failed, the token is expired." : "Access token validation failure.",
    );
  }
}

function unauthorized(message: string): GraphError {
  return new GraphError(401, "InvalidAuthenticationToken", message);
}

const writeAll = "Application.ReadWrite.All";
const writeOwned = "Application.ReadWrite.OwnedBy";

/** What a token's permissions allow at most; for a user it is what the directory roles allow, too, that counts. */
export function has({ permissions }: Caller, ...enough: readonly string[]): boolean {
  return enough.some((permission) => permissions.has(permission));
}

/** Whether the user has one of these directory roles; a Global Administrator has every right. */
export function is({ roles }: Caller, ...enough: readonly DirectoryRole[]): boolean {
  return roles.has("Global Administrator") || enough.some((role) => roles.has(role));
}

const applicationRoles = ["Application Administrator", "Cloud Application Administrator"] as const;

/** Lists and single reads of applications and service principals are open to `OwnedBy` for all of the tenant's, and to members. */
export function mayReadApplications(caller: Caller): void {
  const enough = ["Application.Read.All", writeAll, "Directory.Read.All"];
  if (caller.kind === "app" ? !has(caller, ...enough, writeOwned) : caller.guest || !has(caller, ...enough))
    throw denied();
}

/**
 * An application needs the permission for all, or ownership and the one for those it owns. A user's token never reaches
 * further than the user: owners and the application administrators write.
 * @throws GraphError 403
 */
export function mayWrite(caller: Caller, owners: ReadonlySet<string>): void {
  const owns = owners.has(caller.oid);
  const may =
    caller.kind === "app"
      ? has(caller, writeAll) || (has(caller, writeOwned) && owns)
      : has(caller, writeAll) && (owns || is(caller, ...applicationRoles));
  if (!may) throw denied();
}

/** `OwnedBy` is not enough to add an owner. Source: learn.microsoft.com, "Add owner". */
export function mayAddOwner(caller: Caller, owners: ReadonlySet<string>): void {
  if (caller.kind === "app" && !has(caller, writeAll)) throw denied();
  mayWrite(caller, owners);
}

/** Both permissions allow an application to create; a user may where the tenant lets users, or by a role. */
export function mayCreate(caller: Caller, { usersMayRegister }: Directory): void {
  const may =
    caller.kind === "app"
      ? has(caller, writeAll, writeOwned)
      : has(caller, writeAll) &&
        !caller.guest &&
        (usersMayRegister || is(caller, "Application Developer", ...applicationRoles));
  if (!may) throw denied();
}

/**
 * Owners of what this caller creates: itself, but not an application administrator.
 * Source: learn.microsoft.com, "Microsoft Entra built-in roles": "not added as owners".
 */
export function ownersOfNew(caller: Caller): string[] {
  return caller.kind === "user" && is(caller, ...applicationRoles) ? [] : [caller.oid];
}
