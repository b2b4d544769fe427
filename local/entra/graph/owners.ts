import * as v from "valibot";
import { parseBody } from "./application-schema.ts";
import { applicationOf } from "./applications.ts";
import { mayAddOwner, mayReadApplications } from "./caller.ts";
import { badRequest, notFound } from "./errors.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { principalOf } from "./service-principals.ts";

const reference = v.strictObject({
  "@odata.id": v.pipe(
    v.string(),
    v.regex(
      /^https?:\/\/[^/]+\/v1\.0\/(directoryObjects|users|servicePrincipals)\/[0-9a-f-]{36}$/i,
      "is not a reference",
    ),
  ),
});

export function listApplicationOwners(request: GraphRequest, key: string): GraphAnswer {
  mayReadApplications(request.caller);
  return ownersAnswer(request, applicationOf(request, key).entry.owners);
}

export function listPrincipalOwners(request: GraphRequest, key: string): GraphAnswer {
  mayReadApplications(request.caller);
  return ownersAnswer(request, principalOf(request, key).entry.owners);
}

export function addApplicationOwner(request: GraphRequest, key: string): GraphAnswer {
  return addTo(request, applicationOf(request, key).entry.owners);
}

export function addPrincipalOwner(request: GraphRequest, key: string): GraphAnswer {
  return addTo(request, principalOf(request, key).entry.owners);
}

/** Users and service principals may own; an owner can't be added twice. */
function addTo(request: GraphRequest, owners: Set<string>): GraphAnswer {
  mayAddOwner(request.caller, owners);
  const { directory, body } = request;
  const id = (parseBody(reference, body)["@odata.id"].split("/").at(-1) ?? "").toLowerCase();
  const principal = directory.servicePrincipals.get(id)?.object;
  const known = principal?.read(directory.clock.now(), directory.propagation.readMs);
  if (known === undefined && !directory.users.has(id)) throw notFound(id);
  if (owners.has(id))
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    );
  owners.add(id);
  return { status: 204 };
}

function ownersAnswer({ directory }: GraphRequest, owners: ReadonlySet<string>): GraphAnswer {
  const value = [...owners].map((id) => {
    const principal = directory.servicePrincipals.get(id)?.object.current;
    if (principal === undefined)
      return {
        "@odata.type": "#microsoft.graph.user",
        id,
        displayName: directory.users.get(id)?.name ?? null,
        userPrincipalName: directory.users.get(id)?.upn ?? null,
      };
    return {
      "@odata.type": "#microsoft.graph.servicePrincipal",
      id,
      appId: principal.appId,
      displayName: directory.application(principal.appId)?.displayName ?? null,
    };
  });
  return { status: 200, context: "directoryObjects", body: { value } };
}
