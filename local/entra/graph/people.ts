import type { Group } from "../directory/model.ts";
import { getMemberObjectsBody, parseBody } from "./application-schema.ts";
import { type Caller, has } from "./caller.ts";
import { denied, GraphError, notFound } from "./errors.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { matches, readQuery, selected } from "./query.ts";

/** Ids of all groups the signed-in user is in. Delegated `User.Read` is enough for one's own. */
export function getMemberObjects({ caller, directory, body }: GraphRequest): GraphAnswer {
  if (caller.kind !== "user") {
    throw new GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  }
  if (!["User.Read", "Directory.Read.All"].some((scope) => caller.permissions.has(scope))) throw denied();
  parseBody(getMemberObjectsBody, body);
  const user = directory.users.get(caller.oid);
  if (user === undefined) throw notFound(caller.oid);
  return { status: 200, context: "Collection(Edm.String)", body: { value: [...user.groups] } };
}

/** The signed-in user. */
export function getMe({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  if (caller.kind !== "user") {
    throw new GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  }
  if (!has(caller, "User.Read", "User.Read.All", "User.ReadWrite.All")) throw denied();
  const user = directory.users.get(caller.oid);
  if (user === undefined) throw notFound(caller.oid);
  const view = { id: user.oid, displayName: user.name, userPrincipalName: user.upn };
  return { status: 200, context: "users/$entity", body: selected(view, readQuery(parameters, [])) };
}

/** The tenant: with User.Read its id and its name, and nothing more. */
export function getOrganization({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  if (!has(caller, "User.Read", "User.Read.All", "User.ReadWrite.All", "Organization.Read.All"))
    throw denied();
  const view = { id: directory.tenantId, displayName: "Contoso" };
  const query = readQuery(parameters, []);
  return { status: 200, context: "organization", body: { value: [selected(view, query)] } };
}

/** Reading a group takes a permission that the automation isn't given by default: it then gets 403. */
export function getGroup({ caller, directory, parameters }: GraphRequest, id: string): GraphAnswer {
  mayReadGroups(caller);
  const group = directory.groups.get(id);
  if (group === undefined) throw notFound(id);
  return {
    status: 200,
    context: "groups/$entity",
    body: selected(groupView(group), readQuery(parameters, [])),
  };
}

/** Several groups may have one name. */
export function listGroups({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  mayReadGroups(caller);
  const query = readQuery(parameters, ["displayName", "id"]);
  const found = [...directory.groups.values()].map(groupView).filter((group) => matches(group, query));
  return { status: 200, context: "groups", body: { value: found.map((each) => selected(each, query)) } };
}

function mayReadGroups(caller: Caller): void {
  const enough = ["GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"];
  if (!has(caller, ...enough) || caller.guest) throw denied();
}

function groupView({ id, name, securityEnabled = true }: Group) {
  return {
    id,
    displayName: name,
    description: null,
    groupTypes: securityEnabled ? [] : ["Unified"],
    mailEnabled: !securityEnabled,
    mailNickname: name,
    securityEnabled,
  };
}
