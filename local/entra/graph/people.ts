import { getMemberObjectsBody, parseBody } from "./application-schema.ts";
import { denied, GraphError, notFound } from "./errors.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { readQuery, selected } from "./query.ts";

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

/** Reading a group takes a permission that the automation isn't given by default: it then gets 403. */
export function getGroup({ caller, directory, parameters }: GraphRequest, id: string): GraphAnswer {
  const enough = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];
  if (!enough.some((permission) => caller.permissions.has(permission))) throw denied();
  const group = directory.groups.get(id);
  if (group === undefined) throw notFound(id);
  const view = {
    id: group.id,
    displayName: group.name,
    groupTypes: [],
    mailEnabled: false,
    mailNickname: group.name,
    securityEnabled: true,
  };
  return { status: 200, context: "groups/$entity", body: selected(view, readQuery(parameters, [])) };
}
