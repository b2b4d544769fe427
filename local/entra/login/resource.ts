import type { Directory } from "../directory/directory.ts";
import type { Application } from "../directory/model.ts";
import { AadstsError } from "./aadsts.ts";
import type { Endpoints } from "./endpoints.ts";

export const graphAppId = "00000003-0000-0000-c000-000000000000";

/** What a token is for: its `aud` as the request named it, and the application behind it. */
export interface Resource {
  readonly audience: string;
  readonly appId: string;
  /** Absent for Graph, which is not this tenant's. */
  readonly application?: Application;
}

/** Graph's service principal has many names; the stand-in knows the global cloud's and its own address. */
export function graphAudiences({ graphUrl }: Endpoints): readonly string[] {
  return ["https://graph.microsoft.com", graphUrl, graphAppId];
}

/**
 * The resource that an identifier (application id or one of its identifier URIs) names.
 * @throws AadstsError 500011 where the tenant has no such resource
 */
export function findResource(directory: Directory, endpoints: Endpoints, identifier: string): Resource {
  const name = identifier.replace(/\/$/, "");
  if (graphAudiences(endpoints).includes(name)) return { audience: identifier, appId: graphAppId };
  const application = applicationNamed(directory, name);
  // A resource is a service principal; the registration alone is not in the tenant yet.
  if (application !== undefined && directory.servicePrincipal(application.appId) !== undefined)
    return { audience: identifier, appId: application.appId, application };
  throw new AadstsError(
    500011,
    `The resource principal named ${identifier} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );
}

/** A delegated permission of an application of the tenant, by its full name: `api://…/value` or `<app id>/value`. */
export function findExposedScope(
  directory: Directory,
  name: string,
): { readonly identifier: string; readonly value: string } | undefined {
  const slash = name.lastIndexOf("/");
  const identifier = name.slice(0, Math.max(0, slash));
  const value = name.slice(slash + 1);
  const scopes = applicationNamed(directory, identifier)?.api.oauth2PermissionScopes ?? [];
  return scopes.some((scope) => scope.isEnabled && scope.value === value) ? { identifier, value } : undefined;
}

function applicationNamed(directory: Directory, name: string): Application | undefined {
  return [...directory.applications.values()]
    .map(({ object }) => object.current)
    .find(({ appId, identifierUris }) => appId === name || identifierUris.includes(name));
}
