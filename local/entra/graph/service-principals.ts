import { randomUUID } from "node:crypto";
import type { ServicePrincipal } from "../directory/model.ts";
import { newServicePrincipal } from "../directory/seed.ts";
import { parseBody, servicePrincipalPatch, servicePrincipalPost } from "./application-schema.ts";
import { mayCreate, mayReadApplications, mayWrite, ownersOfNew } from "./caller.ts";
import { badRequest, GraphError, notFound } from "./errors.ts";
import { graphPrincipal, graphPrincipalView } from "./microsoft-graph.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { readQuery, selected } from "./query.ts";
import { servicePrincipalView } from "./views.ts";

type Entry = NonNullable<ReturnType<GraphRequest["directory"]["servicePrincipalEntry"]>>;

export function listServicePrincipals({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  mayReadApplications(caller);
  const query = readQuery(parameters, ["appId", "id"]);
  const { clock, propagation, tenantId } = directory;
  const found = [...directory.servicePrincipals.values()]
    .map(({ object }) => object.read(clock.now(), propagation.readMs))
    .filter((principal) => principal !== undefined)
    .filter(
      (principal) =>
        query.filter === undefined ||
        principal[query.filter.property as keyof ServicePrincipal] === query.filter.value,
    )
    .map((each) => servicePrincipalView(each, directory.application(each.appId), tenantId));
  return {
    status: 200,
    context: "servicePrincipals",
    body: { value: found.map((each) => selected(each, query)) },
  };
}

export function getServicePrincipal(request: GraphRequest, key: string): GraphAnswer {
  mayReadApplications(request.caller);
  const { directory, parameters } = request;
  if (key === graphPrincipal.id || key === `appId='${graphPrincipal.appId}'`)
    return {
      status: 200,
      context: "servicePrincipals/$entity",
      body: selected(graphPrincipalView(), readQuery(parameters, [])),
    };
  const { shown } = principalOf(request, key);
  const view = servicePrincipalView(shown, directory.application(shown.appId), directory.tenantId);
  return {
    status: 200,
    context: "servicePrincipals/$entity",
    body: selected(view, readQuery(parameters, [])),
  };
}

/** With `OwnedBy`, only for an application that the caller owns; it then owns the service principal too. */
export function createServicePrincipal({ caller, directory, body }: GraphRequest): GraphAnswer {
  mayCreate(caller, directory);
  const { appId, ...fields } = parseBody(servicePrincipalPost, body);
  const application = directory.applicationEntry(appId);
  // A replica that hasn't heard of the application yet answers as if there were none.
  if (application?.object.read(directory.clock.now(), directory.propagation.readMs) === undefined) {
    throw badRequest(
      `The appId '${appId}' of the service principal does not reference a valid application object.`,
    );
  }
  mayWrite(caller, application.owners);
  if (directory.servicePrincipal(appId) !== undefined) {
    throw new GraphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    );
  }
  const createdDateTime = new Date(directory.clock.now()).toISOString();
  const created = changed(newServicePrincipal(randomUUID(), appId, createdDateTime), fields);
  directory.addServicePrincipal(created, ownersOfNew(caller), false);
  return {
    status: 201,
    context: "servicePrincipals/$entity",
    body: servicePrincipalView(created, application.object.current, directory.tenantId),
  };
}

export function patchServicePrincipal(request: GraphRequest, key: string): GraphAnswer {
  const { entry } = principalOf(request, key);
  mayWrite(request.caller, entry.owners);
  const patch = parseBody(servicePrincipalPatch, request.body);
  entry.object.write(changed(entry.object.current, patch), request.directory.clock.now());
  return { status: 204 };
}

export function deleteServicePrincipal(request: GraphRequest, key: string): GraphAnswer {
  const { entry, shown } = principalOf(request, key);
  mayWrite(request.caller, entry.owners);
  request.directory.removeServicePrincipal(shown.id);
  return { status: 204 };
}

function changed(
  principal: ServicePrincipal,
  {
    accountEnabled,
    appRoleAssignmentRequired,
    notes,
    tags,
  }: Partial<Record<keyof ServicePrincipal, unknown>>,
): ServicePrincipal {
  const patch = { accountEnabled, appRoleAssignmentRequired, notes, tags };
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...principal, ...(Object.fromEntries(given) as Partial<ServicePrincipal>) };
}

/** @throws GraphError 404, also where the replica asked doesn't know it yet */
export function principalOf(
  { directory }: GraphRequest,
  key: string,
): { entry: Entry; shown: ServicePrincipal } {
  const appId = /^appId='([^']*)'$/.exec(key)?.[1];
  const entry =
    appId === undefined ? directory.servicePrincipals.get(key) : directory.servicePrincipalEntry(appId);
  const shown = entry?.object.read(directory.clock.now(), directory.propagation.readMs);
  if (entry === undefined || shown === undefined) throw notFound(appId ?? key);
  return { entry, shown };
}
