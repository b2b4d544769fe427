import { randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import type { Directory } from "../directory/directory.ts";
import { applicationRolesOf, isPrincipalAssigned, rolesOf } from "../directory/membership.ts";
import type { ServicePrincipal, User } from "../directory/model.ts";
import { AadstsError } from "./aadsts.ts";
import type { Endpoints } from "./endpoints.ts";
import { groupClaims, pairwiseSubject } from "./id-token.ts";
import { graphAppId, type Resource } from "./resource.ts";

/** Seconds; Entra draws 60-90 minutes, the shortest of them is the one to be ready for. */
export const accessTokenLifetime = 3599;

/**
 * Claims of an app-only access token, in the version that the resource asks for; Graph gets 1.0.
 *
 * `idtyp` is an optional claim: only a resource that asks for it is told (Graph always is).
 *
 * @param now seconds since 1970
 * @param by "1" for a secret, "2" for an assertion (`appidacr`, `azpacr`)
 * @throws AadstsError 501051 where the resource wants its clients assigned and this one isn't
 */
export function appOnlyClaims(
  directory: Directory,
  endpoints: Endpoints,
  principal: ServicePrincipal,
  resource: Resource,
  by: "1" | "2",
  now: number,
): JWTPayload {
  checkAssignment(directory, principal, resource);
  const roles =
    resource.appId === graphAppId
      ? [...principal.graphPermissions]
      : applicationRolesOf(directory, principal.id, resource.appId);
  return {
    ...common(directory, endpoints, resource, now),
    ...clientClaims(resource, principal.appId, by),
    ...(optionalNames(resource).has("idtyp") ? { idtyp: "app" } : {}),
    oid: principal.id,
    sub: principal.id,
    ...(roles.length > 0 ? { roles } : {}),
  };
}

/**
 * Claims of a delegated access token: what `scp` says, on behalf of a user.
 * @param appId the client's
 */
export function delegatedClaims(
  directory: Directory,
  endpoints: Endpoints,
  user: User,
  appId: string,
  resource: Resource,
  scopes: readonly string[],
  now: number,
): JWTPayload {
  const optional = optionalNames(resource);
  const own = resource.application !== undefined;
  const roles = own ? rolesOf(directory, user, resource.appId) : [];
  return {
    ...common(directory, endpoints, resource, now),
    ...clientClaims(resource, appId, "1"),
    ...(optional.has("idtyp") && optional.get("idtyp")?.includes("include_user_token")
      ? { idtyp: "user" }
      : {}),
    ...(optional.has("acct") ? { acct: user.kind === "guest" ? 1 : 0 } : {}),
    ...(own ? groupClaims(directory, user, resource.appId) : {}),
    ...(roles.length > 0 ? { roles } : {}),
    name: user.name,
    oid: user.oid,
    scp: scopes.join(" "),
    sub: pairwiseSubject(directory.tenantId, user.oid, resource.appId),
    ...(version(resource) === 2 ? { preferred_username: user.upn } : { upn: user.upn }),
  };
}

function checkAssignment(directory: Directory, principal: ServicePrincipal, { appId }: Resource): void {
  if (directory.servicePrincipal(appId)?.appRoleAssignmentRequired !== true) return;
  if (isPrincipalAssigned(directory, principal.id, appId)) return;
  throw new AadstsError(
    501051,
    `Application '${principal.appId}'(${directory.application(principal.appId)?.displayName}) is not assigned to a role for the application '${appId}'(${directory.application(appId)?.displayName}).`,
  );
}

function version({ application }: Resource): 1 | 2 {
  return application?.api.requestedAccessTokenVersion ?? 1;
}

/** Names of the optional claims that a resource asks for in access tokens, with their additional properties. */
function optionalNames({ application, appId }: Resource): ReadonlyMap<string, readonly string[]> {
  if (appId === graphAppId) return new Map([["idtyp", ["include_user_token"]]]);
  const wanted = application?.optionalClaims?.accessToken ?? [];
  return new Map(wanted.map(({ name, additionalProperties }) => [name, additionalProperties]));
}

function clientClaims(resource: Resource, appId: string, by: "1" | "2"): JWTPayload {
  return version(resource) === 2 ? { azp: appId, azpacr: by } : { appid: appId, appidacr: by };
}

/** In version 2.0 `aud` is always the resource's id, in 1.0 what the request called it. */
function common(directory: Directory, endpoints: Endpoints, resource: Resource, now: number): JWTPayload {
  const second = version(resource) === 2;
  return {
    aud: second ? resource.appId : resource.audience,
    iss: second ? endpoints.issuer : accessTokenIssuer(endpoints),
    iat: now,
    nbf: now,
    exp: now + accessTokenLifetime + 1,
    tid: directory.tenantId,
    uti: randomBytes(16).toString("base64url"),
    ver: second ? "2.0" : "1.0",
  };
}

/** v1.0 tokens have an issuer of their own: `https://sts.windows.net/{tid}/` in the global cloud. */
export function accessTokenIssuer({ authority, tenantId }: Endpoints): string {
  return `${authority}/${tenantId}/`;
}
