import * as v from "valibot";
import type { FederatedCredential } from "../directory/model.ts";
import { parseBody } from "./application-schema.ts";
import { applicationOf } from "./applications.ts";
import { mayReadApplications, mayWrite } from "./caller.ts";
import { badRequest, GraphError, notFound } from "./errors.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";

/** Source: Graph v1.0, federatedIdentityCredential resource type. */
const postBody = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,120}$/, "is not valid")),
  issuer: v.pipe(v.string(), v.url(), v.maxLength(600)),
  subject: v.pipe(v.string(), v.nonEmpty(), v.maxLength(600)),
  audiences: v.tuple([v.pipe(v.string(), v.nonEmpty(), v.maxLength(600))]),
  description: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(600)))),
});

export function listFederatedCredentials(request: GraphRequest, key: string): GraphAnswer {
  mayReadApplications(request.caller);
  const { federatedCredentials } = applicationOf(request, key).entry;
  return {
    status: 200,
    context: "applications/federatedIdentityCredentials",
    body: { value: federatedCredentials.map(view) },
  };
}

export function createFederatedCredential(request: GraphRequest, key: string): GraphAnswer {
  const { entry, shown } = applicationOf(request, key);
  mayWrite(request.caller, entry.owners);
  const { name, issuer, subject, audiences, description = null } = parseBody(postBody, request.body);
  const present = entry.federatedCredentials;
  if (present.length >= 20) throw badRequest("An application has at most 20 federated identity credentials.");
  if (present.some((one) => one.name === name || (one.issuer === issuer && one.subject === subject)))
    throw new GraphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      `FederatedIdentityCredential with name ${name} already exists.`,
    );
  const [audience] = audiences;
  const added = request.directory.addFederatedCredential(shown.appId, {
    ...{ name, issuer, subject, audience, description },
  });
  return { status: 201, context: "applications/federatedIdentityCredentials/$entity", body: view(added) };
}

/** By its id or its name, which both are keys. */
export function deleteFederatedCredential(request: GraphRequest, key: string, id: string): GraphAnswer {
  const { entry } = applicationOf(request, key);
  mayWrite(request.caller, entry.owners);
  const index = entry.federatedCredentials.findIndex((one) => one.id === id || one.name === id);
  if (index < 0) throw notFound(id);
  entry.federatedCredentials.splice(index, 1);
  return { status: 204 };
}

function view({ id, name, issuer, subject, audiences, description }: FederatedCredential) {
  return { id, name, issuer, subject, audiences: [...audiences], description };
}
