import { randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import type { Directory } from "../directory/directory.ts";
import { applicationRolesOf } from "../directory/membership.ts";
import type { ServicePrincipal, User } from "../directory/model.ts";
import { AadstsError } from "./aadsts.ts";
import type { Endpoints } from "./endpoints.ts";
import { pairwiseSubject } from "./id-token.ts";

export const graphAppId = "00000003-0000-0000-c000-000000000000";

/** Seconds; Entra draws 60-90 minutes, the shortest of them is the one to be ready for. */
export const accessTokenLifetime = 3599;

/** What a token is for: its `aud`, and the application behind it. */
export interface Resource {
  readonly audience: string;
  readonly appId: string;
}

/** Graph's service principal has many names; the stand-in knows the global cloud's and its own address. */
export function graphAudiences({ graphUrl }: Endpoints): readonly string[] {
  return ["https://graph.microsoft.com", graphUrl, graphAppId];
}

/** @throws AadstsError 500011 where the tenant has no such resource */
export function findResource(directory: Directory, endpoints: Endpoints, identifier: string): Resource {
  const name = identifier.replace(/\/$/, "");
  if (graphAudiences(endpoints).includes(name)) return { audience: identifier, appId: graphAppId };
  const found = [...directory.applications.values()]
    .map(({ object }) => object.current)
    .find(({ appId, identifierUris }) => appId === name || identifierUris.includes(name));
  if (found !== undefined) return { audience: identifier, appId: found.appId };
  throw new AadstsError(
    500011,
    `The resource principal named ${identifier} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );
}

/**
 * Claims of an app-only v1.0 access token, the version that Graph gets.
 * @param now seconds since 1970
 * @param by "1" for a secret, "2" for an assertion (`appidacr`)
 */
export function appOnlyClaims(
  directory: Directory,
  endpoints: Endpoints,
  principal: ServicePrincipal,
  resource: Resource,
  by: "1" | "2",
  now: number,
): JWTPayload {
  const roles =
    resource.appId === graphAppId
      ? [...principal.graphPermissions]
      : applicationRolesOf(directory, principal.id, resource.appId);
  return {
    ...common(directory, endpoints, resource, now),
    appid: principal.appId,
    appidacr: by,
    idtyp: "app",
    oid: principal.id,
    sub: principal.id,
    ...(roles.length > 0 ? { roles } : {}),
  };
}

/** Claims of a delegated access token for Graph. */
export function delegatedClaims(
  directory: Directory,
  endpoints: Endpoints,
  user: User,
  appId: string,
  scopes: readonly string[],
  now: number,
): JWTPayload {
  return {
    ...common(directory, endpoints, { audience: "https://graph.microsoft.com", appId: graphAppId }, now),
    appid: appId,
    appidacr: "1",
    idtyp: "user",
    name: user.name,
    oid: user.oid,
    scp: scopes.join(" "),
    sub: pairwiseSubject(directory.tenantId, user.oid, graphAppId),
    upn: user.upn,
  };
}

function common(directory: Directory, endpoints: Endpoints, resource: Resource, now: number): JWTPayload {
  return {
    aud: resource.audience,
    iss: accessTokenIssuer(endpoints),
    iat: now,
    nbf: now,
    exp: now + accessTokenLifetime + 1,
    tid: directory.tenantId,
    uti: randomBytes(16).toString("base64url"),
    ver: "1.0",
  };
}

/** v1.0 tokens have an issuer of their own: `https://sts.windows.net/{tid}/` in the global cloud. */
export function accessTokenIssuer({ authority, tenantId }: Endpoints): string {
  return `${authority}/${tenantId}/`;
}
