import * as v from "valibot";
import type { EntraClient } from "./entra.ts";
import { createGraphCaller } from "./graph-call.ts";
import { applicationSchema, webSchema } from "./graph-model.ts";
import type { Http } from "./http.ts";

const uris = v.fallback(v.object({ redirectUris: v.fallback(v.array(v.string()), []) }), {
  redirectUris: [],
});

/** An application with all that is looked at. Source: Graph v1.0, application resource type. */
const inspectedSchema = v.object({
  ...applicationSchema.entries,
  signInAudience: v.nullish(v.string()),
  isFallbackPublicClient: v.nullish(v.boolean()),
  web: webSchema,
  spa: uris,
  publicClient: uris,
  api: v.nullish(v.object({ requestedAccessTokenVersion: v.nullish(v.number()) })),
});

const principalSchema = v.object({
  id: v.string(),
  appId: v.string(),
  accountEnabled: v.fallback(v.boolean(), true),
  appRoleAssignmentRequired: v.fallback(v.boolean(), false),
});

const ownerSchema = v.object({
  "@odata.type": v.fallback(v.string(), ""),
  id: v.string(),
  displayName: v.nullish(v.string()),
});

/** A credential may match by an expression instead of a subject. Source: "Flexible federated identity credentials". */
const trustSchema = v.object({
  name: v.fallback(v.string(), ""),
  issuer: v.string(),
  subject: v.nullish(v.string()),
  audiences: v.array(v.string()),
  claimsMatchingExpression: v.nullish(v.object({ value: v.fallback(v.string(), "") })),
});

const assignmentSchema = v.object({
  appRoleId: v.string(),
  principalId: v.string(),
  principalType: v.fallback(v.string(), ""),
  resourceId: v.string(),
});

const grantSchema = v.object({ consentType: v.string(), scope: v.fallback(v.string(), "") });

const listOf = <S extends v.GenericSchema>(item: S) => v.object({ value: v.array(item) });

export type InspectedApplication = v.InferOutput<typeof inspectedSchema>;
export type InspectedPrincipal = v.InferOutput<typeof principalSchema>;
export type Owner = v.InferOutput<typeof ownerSchema>;
export type Trust = v.InferOutput<typeof trustSchema>;
export type Assignment = v.InferOutput<typeof assignmentSchema>;
export type Grant = v.InferOutput<typeof grantSchema>;

/** What is read of a directory, and never written. Lists are read as far as Graph's first page: a hundred entries. */
export interface GraphInspector {
  application(appId: string): Promise<InspectedApplication | undefined>;
  principal(appId: string): Promise<InspectedPrincipal | undefined>;
  owners(of: "applications" | "servicePrincipals", id: string): Promise<readonly Owner[]>;
  /** An application has twenty federated credentials at most. @param id object id of the application */
  trusts(id: string): Promise<readonly Trust[]>;
  /** What a service principal has been given, application permissions among it. */
  assignments(principalId: string): Promise<readonly Assignment[]>;
  /** Who has been assigned to a service principal's application. */
  assignedTo(principalId: string): Promise<readonly Assignment[]>;
  /** Delegated permissions that were consented to; needs a permission of its own. */
  grants(principalId: string): Promise<readonly Grant[]>;
}

/** All of them throw ActionError graph-*, entra-* or service-*. @param origin `https://graph.microsoft.com` */
export function createGraphInspector(http: Http, entra: EntraClient, origin: string): GraphInspector {
  const { read, write } = createGraphCaller(http, entra, origin);
  const get = (path: string, name: string) => ({ method: "GET", path, name: `GET ${name}` }) as const;
  const list = async <S extends v.GenericSchema>(path: string, name: string, item: S) =>
    (await write(get(path, name), listOf(item))).value;
  const select = (schema: { readonly entries: object }) => `$select=${Object.keys(schema.entries).join(",")}`;
  return {
    application: (appId) =>
      read(
        get(`/applications(appId='${appId}')?${select(inspectedSchema)}`, "/applications(appId='{appId}')"),
        inspectedSchema,
      ),
    principal: (appId) =>
      read(
        get(
          `/servicePrincipals(appId='${appId}')?${select(principalSchema)}`,
          "/servicePrincipals(appId='{appId}')",
        ),
        principalSchema,
      ),
    owners: (of, id) => list(`/${of}/${id}/owners`, `/${of}/{id}/owners`, ownerSchema),
    trusts: (id) =>
      list(
        `/applications/${id}/federatedIdentityCredentials`,
        "/applications/{id}/federatedIdentityCredentials",
        trustSchema,
      ),
    assignments: (id) =>
      list(
        `/servicePrincipals/${id}/appRoleAssignments`,
        "/servicePrincipals/{id}/appRoleAssignments",
        assignmentSchema,
      ),
    assignedTo: (id) =>
      list(
        `/servicePrincipals/${id}/appRoleAssignedTo`,
        "/servicePrincipals/{id}/appRoleAssignedTo",
        assignmentSchema,
      ),
    grants: (id) =>
      list(
        `/oauth2PermissionGrants?$filter=${encodeURIComponent(`clientId eq '${id}'`)}`,
        "/oauth2PermissionGrants",
        grantSchema,
      ),
  };
}
