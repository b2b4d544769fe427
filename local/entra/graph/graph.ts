import type { IncomingMessage, ServerResponse } from "node:http";
import type { Directory } from "../directory/directory.ts";
import { mediaType, readBody, sendJson } from "../http.ts";
import type { Endpoints } from "../login/endpoints.ts";
import type { SigningKeys } from "../login/keys.ts";
import {
  addPassword,
  createApplication,
  deleteApplication,
  getApplication,
  listApplications,
  patchApplication,
  removePassword,
} from "./applications.ts";
import { readCaller } from "./caller.ts";
import { GraphError } from "./errors.ts";
import {
  createFederatedCredential,
  deleteFederatedCredential,
  listFederatedCredentials,
} from "./federated-credentials.ts";
import type { GraphAnswer, GraphRequest, SecretPolicy } from "./operation.ts";
import {
  addApplicationOwner,
  addPrincipalOwner,
  listApplicationOwners,
  listPrincipalOwners,
} from "./owners.ts";
import { getGroup, getMe, getMemberObjects, getOrganization, listGroups } from "./people.ts";
import { createGrant, deleteGrant, listGrants, patchGrant } from "./permission-grants.ts";
import { assignAppRole, listAppRoleAssignedTo, listAppRoleAssignments } from "./role-assignments.ts";
import {
  createServicePrincipal,
  deleteServicePrincipal,
  getServicePrincipal,
  listServicePrincipals,
  patchServicePrincipal,
} from "./service-principals.ts";

/** @param key of the object; @param below of the one that it holds, where the path names one */
type Operation = (request: GraphRequest, key: string, below: string) => GraphAnswer;

/** `/applications/{id}` and `/applications(appId='…')` name the same object. */
const key = "(?:/([^/()]+)|\\((appId='[^']*')\\))";

const routes: readonly { readonly path: RegExp; readonly methods: Readonly<Record<string, Operation>> }[] = [
  { path: /^\/applications$/, methods: { GET: listApplications, POST: createApplication } },
  {
    path: new RegExp(`^/applications${key}$`),
    methods: { GET: getApplication, PATCH: patchApplication, DELETE: deleteApplication },
  },
  { path: new RegExp(`^/applications${key}/addPassword$`), methods: { POST: addPassword } },
  { path: new RegExp(`^/applications${key}/removePassword$`), methods: { POST: removePassword } },
  {
    path: new RegExp(`^/applications${key}/federatedIdentityCredentials$`),
    methods: { GET: listFederatedCredentials, POST: createFederatedCredential },
  },
  {
    path: new RegExp(`^/applications${key}/federatedIdentityCredentials/([^/]+)$`),
    methods: { DELETE: deleteFederatedCredential },
  },
  { path: new RegExp(`^/applications${key}/owners$`), methods: { GET: listApplicationOwners } },
  { path: new RegExp(`^/applications${key}/owners/\\$ref$`), methods: { POST: addApplicationOwner } },
  { path: /^\/servicePrincipals$/, methods: { GET: listServicePrincipals, POST: createServicePrincipal } },
  {
    path: new RegExp(`^/servicePrincipals${key}$`),
    methods: { GET: getServicePrincipal, PATCH: patchServicePrincipal, DELETE: deleteServicePrincipal },
  },
  { path: new RegExp(`^/servicePrincipals${key}/owners$`), methods: { GET: listPrincipalOwners } },
  { path: new RegExp(`^/servicePrincipals${key}/owners/\\$ref$`), methods: { POST: addPrincipalOwner } },
  { path: /^\/servicePrincipals\/([^/]+)\/appRoleAssignments$/, methods: { GET: listAppRoleAssignments } },
  {
    path: /^\/servicePrincipals\/([^/]+)\/appRoleAssignedTo$/,
    methods: { GET: listAppRoleAssignedTo, POST: assignAppRole },
  },
  { path: /^\/oauth2PermissionGrants$/, methods: { GET: listGrants, POST: createGrant } },
  { path: /^\/oauth2PermissionGrants\/([^/]+)$/, methods: { PATCH: patchGrant, DELETE: deleteGrant } },
  { path: /^\/groups$/, methods: { GET: listGroups } },
  { path: /^\/organization$/, methods: { GET: getOrganization } },
  { path: /^\/me$/, methods: { GET: getMe } },
  { path: /^\/groups\/([^/]+)$/, methods: { GET: getGroup } },
  { path: /^\/me\/getMemberObjects$/, methods: { POST: getMemberObjects } },
];

/** graph.microsoft.com's part of the stand-in: the calls of v1.0 that the product makes, and no other. */
export function createGraph(
  directory: Directory,
  endpoints: Endpoints,
  keys: SigningKeys,
  secretPolicy: SecretPolicy,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const caller = await readCaller(request.headers.authorization, endpoints, keys, directory);
      const url = new URL(request.url ?? "/", endpoints.graphUrl);
      const { operation, key, below } = route(request.method ?? "GET", decodeURIComponent(url.pathname));
      const body = await jsonBody(request);
      const { searchParams: parameters } = url;
      const answer = operation(
        { caller, directory, parameters, body, secretPolicy, graphUrl: endpoints.graphUrl },
        key,
        below,
      );
      send(response, answer, endpoints);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      sendJson(response, error.status, error.body(request.headers["client-request-id"]?.toString()));
    }
  };
}

function route(
  method: string,
  pathname: string,
): { readonly operation: Operation; readonly key: string; readonly below: string } {
  const [, version, path] = /^\/(v1\.0|beta)(\/.*)$/.exec(pathname) ?? [];
  if (version !== "v1.0" || path === undefined) {
    throw new GraphError(400, "BadRequest", "Invalid version.");
  }
  const found = routes.find((candidate) => candidate.path.test(path));
  if (found === undefined) {
    throw new GraphError(400, "BadRequest", `Resource not found for the segment '${path.split("/")[1]}'.`);
  }
  const operation = found.methods[method];
  if (operation === undefined) {
    throw new GraphError(
      405,
      "Request_BadRequest",
      "Specified HTTP method is not allowed for the request target.",
    );
  }
  const [, id, alternate, below] = found.path.exec(path) ?? [];
  return { operation, key: id ?? alternate ?? "", below: below ?? "" };
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  if (request.method === "GET" || request.method === "DELETE") return undefined;
  const type = mediaType(request);
  const text = await readBody(request);
  if (type === "") {
    throw new GraphError(
      400,
      "BadRequest",
      "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
    );
  }
  if (type !== "application/json") {
    throw new GraphError(
      415,
      "BadRequest",
      `None of the supported types matches the content type '${type}'.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new GraphError(
      400,
      "BadRequest",
      "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    );
  }
}

function send(response: ServerResponse, { status, context, body }: GraphAnswer, endpoints: Endpoints): void {
  if (status === 204 || body === undefined) {
    response.writeHead(204, { "cache-control": "no-cache" });
    response.end();
    return;
  }
  const id = (body as { id?: string }).id;
  const collection = context?.split("/")[0];
  const location = status === 201 ? { location: `${endpoints.graphUrl}/v1.0/${collection}/${id}` } : {};
  const described = { "@odata.context": `${endpoints.graphUrl}/v1.0/$metadata#${context}`, ...body };
  sendJson(response, status, described, location);
}
