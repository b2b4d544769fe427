import * as v from "valibot";
import type { Directory } from "../directory/directory.ts";
import { parseBody } from "./application-schema.ts";
import { type Caller, has, is } from "./caller.ts";
import { badRequest, denied, GraphError, notFound } from "./errors.ts";
import { graphPrincipal, graphScopes } from "./microsoft-graph.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { matches, readQuery, selected } from "./query.ts";

/** Delegated permissions that were consented to. Source: Graph v1.0, oAuth2PermissionGrant resource type. */
interface Grant {
  readonly id: string;
  /** Object id of the client's service principal, not its client id. */
  readonly clientId: string;
  readonly consentType: "AllPrincipals" | "Principal";
  readonly principalId: string | null;
  readonly resourceId: string;
  readonly scope: string;
}

const guid = v.pipe(v.string(), v.uuid());
const post = v.strictObject({
  clientId: guid,
  consentType: v.picklist(["AllPrincipals", "Principal"]),
  principalId: v.optional(v.nullable(guid), null),
  resourceId: guid,
  scope: v.pipe(v.string(), v.nonEmpty()),
});
const patch = v.strictObject({ scope: v.string() });

export function listGrants({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  if (!has(caller, "Directory.Read.All", writeGrants) || caller.guest) throw denied();
  const query = readQuery(parameters, ["clientId", "consentType", "resourceId", "principalId"]);
  const value = grantsOf(directory)
    .filter((grant) => matches(grant, query))
    .map((grant) => selected(grant, query));
  return { status: 200, context: "oauth2PermissionGrants", body: { value } };
}

export function createGrant({ caller, directory, body }: GraphRequest): GraphAnswer {
  mayGrant(caller);
  const { clientId, consentType, principalId, resourceId, scope } = parseBody(post, body);
  const appId = directory.servicePrincipals.get(clientId)?.object.current.appId;
  if (appId === undefined) throw notFound(clientId);
  if (resourceId !== graphPrincipal.id) throw notFound(resourceId);
  if ((consentType === "Principal") !== (principalId !== null))
    throw badRequest(
      "Invalid value specified for property 'principalId' of resource 'OAuth2PermissionGrant'.",
    );
  const oid = principalId ?? "*";
  if (grantsOf(directory).some((grant) => grant.id === idOf(clientId, oid)))
    throw new GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.");
  directory.consents.grant(appId, oid, scopesIn(scope));
  const made = grantsOf(directory).find(({ id }) => id === idOf(clientId, oid));
  return { status: 201, context: "oauth2PermissionGrants/$entity", body: made as object };
}

export function patchGrant({ caller, directory, body }: GraphRequest, key: string): GraphAnswer {
  mayGrant(caller);
  const { appId, oid } = find(directory, key);
  const scopes = scopesIn(parseBody(patch, body).scope);
  directory.consents.revoke(appId, oid);
  directory.consents.grant(appId, oid, scopes);
  return { status: 204 };
}

export function deleteGrant({ caller, directory }: GraphRequest, key: string): GraphAnswer {
  mayGrant(caller);
  const { appId, oid } = find(directory, key);
  directory.consents.revoke(appId, oid);
  return { status: 204 };
}

const writeGrants = "DelegatedPermissionGrant.ReadWrite.All";

/** Source: learn.microsoft.com, "Least privileged roles by task": consent to any delegated permission. */
function mayGrant(caller: Caller): void {
  const role =
    caller.kind === "app" ||
    is(
      caller,
      "Application Administrator",
      "Cloud Application Administrator",
      "Privileged Role Administrator",
    );
  if (!role || !has(caller, writeGrants)) throw denied();
}

function scopesIn(scope: string): string[] {
  const scopes = scope.trim().split(/\s+/);
  const unknown = scopes.find((one) => !graphScopes.has(one));
  if (unknown !== undefined) throw badRequest(`The scope '${unknown}' is not exposed by the resource.`);
  return scopes;
}

function grantsOf(directory: Directory): Grant[] {
  return [...directory.servicePrincipals.values()].flatMap(({ object }) => {
    const { id: clientId, appId } = object.current;
    return directory.consents.of(appId).map(
      ({ oid, scopes }): Grant => ({
        id: idOf(clientId, oid),
        clientId,
        consentType: oid === "*" ? "AllPrincipals" : "Principal",
        principalId: oid === "*" ? null : oid,
        resourceId: graphPrincipal.id,
        scope: [...scopes].join(" "),
      }),
    );
  });
}

function idOf(clientId: string, oid: string): string {
  return Buffer.from(`${clientId} ${oid}`).toString("base64url");
}

function find(directory: Directory, id: string): { readonly appId: string; readonly oid: string } {
  const [clientId = "", oid = ""] = Buffer.from(id, "base64url").toString().split(" ");
  const appId = directory.servicePrincipals.get(clientId)?.object.current.appId;
  if (appId === undefined || !directory.consents.of(appId).some((one) => one.oid === oid)) throw notFound(id);
  return { appId, oid };
}
