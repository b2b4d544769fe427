import { createLocalJWKSet, jwtVerify } from "jose";
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
}

/** @throws GraphError 401 InvalidAuthenticationToken */
export async function readCaller(
  authorization: string | undefined,
  endpoints: Endpoints,
  keys: SigningKeys,
): Promise<Caller> {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw unauthorized("Access token is empty.");
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys.jwks), {
      algorithms: ["RS256"],
      issuer: accessTokenIssuer(endpoints),
      audience: [...graphAudiences(endpoints)],
      requiredClaims: ["exp", "oid", "tid", "appid"],
    });
    const app = payload["idtyp"] === "app";
    const permissions = app ? payload["roles"] : String(payload["scp"] ?? "").split(" ");
    return {
      kind: app ? "app" : "user",
      oid: String(payload["oid"]),
      permissions: new Set(Array.isArray(permissions) ? permissions.map(String) : []),
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

/** Lists and single reads of applications and service principals are open to `OwnedBy` for all of the tenant's. */
export function mayReadApplications({ kind, permissions }: Caller): void {
  const enough = ["Application.Read.All", writeAll, writeOwned, "Directory.Read.All"];
  if (kind !== "app" || !enough.some((permission) => permissions.has(permission))) throw denied();
}

/** @throws GraphError 403 unless the caller may write any application, or owns this one and may write those it owns */
export function mayWrite({ kind, oid, permissions }: Caller, owners: ReadonlySet<string>): void {
  if (kind !== "app") throw denied();
  if (permissions.has(writeAll)) return;
  if (!permissions.has(writeOwned) || !owners.has(oid)) throw denied();
}

/** Both permissions allow creating; what `OwnedBy` creates, it owns. */
export function mayCreate({ kind, permissions }: Caller): void {
  if (kind !== "app" || !(permissions.has(writeAll) || permissions.has(writeOwned))) throw denied();
}
