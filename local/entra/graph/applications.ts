import { randomUUID } from "node:crypto";
import type { Application } from "../directory/model.ts";
import { redirectUriLimit } from "../directory/redirect-uris.ts";
import { newSecret } from "../directory/secrets.ts";
import { newApplication } from "../directory/seed.ts";
import { checkAppRoles } from "./app-roles.ts";
import {
  type ApplicationPatch,
  addPasswordBody,
  applicationPatch,
  applicationPost,
  parseBody,
  removePasswordBody,
} from "./application-schema.ts";
import { mayCreate, mayReadApplications, mayWrite, ownersOfNew } from "./caller.ts";
import { badRequest, GraphError, notFound } from "./errors.ts";
import { replaceCertificates } from "./key-credentials.ts";
import type { GraphAnswer, GraphRequest } from "./operation.ts";
import { matches, readQuery, selected } from "./query.ts";
import { applicationView, secretView } from "./views.ts";

type Entry = NonNullable<ReturnType<GraphRequest["directory"]["applicationEntry"]>>;

export function listApplications({ caller, directory, parameters }: GraphRequest): GraphAnswer {
  mayReadApplications(caller);
  const query = readQuery(parameters, ["appId", "displayName", "id"], ["tags", "identifierUris"]);
  const { clock, propagation } = directory;
  const found = [...directory.applications.values()]
    .map(({ object }) => object.read(clock.now(), propagation.readMs))
    .filter((application) => application !== undefined)
    .filter((application) => matches(application, query));
  return {
    status: 200,
    context: "applications",
    body: { value: found.map((each) => selected(applicationView(each), query)) },
  };
}

export function getApplication(request: GraphRequest, key: string): GraphAnswer {
  mayReadApplications(request.caller);
  const { shown } = applicationOf(request, key);
  const query = readQuery(request.parameters, []);
  return { status: 200, context: "applications/$entity", body: selected(applicationView(shown), query) };
}

export function createApplication({ caller, directory, body }: GraphRequest): GraphAnswer {
  mayCreate(caller, directory);
  const fields = parseBody(applicationPost, body);
  const createdDateTime = new Date(directory.clock.now()).toISOString();
  const blank = newApplication(randomUUID(), randomUUID(), fields.displayName, createdDateTime);
  const created = changed(blank, fields, usableFrom(directory));
  directory.addApplication(created, ownersOfNew(caller), false);
  return { status: 201, context: "applications/$entity", body: applicationView(created) };
}

export function patchApplication(request: GraphRequest, key: string): GraphAnswer {
  const { entry, id } = applicationOf(request, key);
  mayWrite(request.caller, entry.owners);
  const patch = parseBody(applicationPatch, request.body);
  const before = entry.object.current;
  request.directory.writeApplication(id, changed(before, patch, usableFrom(request.directory)));
  if (request.directory.updatesToLose > 0) {
    request.directory.updatesToLose -= 1;
    request.directory.writeApplication(id, before);
  }
  return { status: 204 };
}

/** When sign-in knows a credential that is written now. */
function usableFrom({ clock, propagation }: GraphRequest["directory"]): number {
  return clock.now() + propagation.secretMs;
}

/** Arrays are replaced whole: two read-modify-writes that overlap lose one. No ETag guards against it. */
function changed(application: Application, patch: ApplicationPatch, usableFrom: number): Application {
  const { web, api, appRoles, optionalClaims, keyCredentials, ...plain } = patch;
  if (appRoles !== undefined) checkAppRoles(application.appRoles, appRoles);
  const uris = web?.redirectUris;
  if (uris !== undefined && uris.length > redirectUriLimit) {
    throw badRequest(`The property 'redirectUris' must not have more than ${redirectUriLimit} values.`);
  }
  if (uris !== undefined && new Set(uris).size !== uris.length) {
    throw new GraphError(400, "DuplicateValue", "Request contains a property with duplicate values.");
  }
  return {
    ...application,
    ...defined(plain),
    ...(appRoles === undefined ? {} : { appRoles }),
    ...(keyCredentials === undefined
      ? {}
      : { keyCredentials: replaceCertificates(application, keyCredentials, usableFrom) }),
    ...(optionalClaims === undefined ? {} : { optionalClaims: claimsOf(optionalClaims) }),
    api: { ...application.api, ...defined(api ?? {}) },
    web: {
      ...application.web,
      ...defined(web ?? {}),
      implicitGrantSettings: {
        ...application.web.implicitGrantSettings,
        ...defined(web?.implicitGrantSettings ?? {}),
      },
    },
  };
}

function claimsOf(
  claims: NonNullable<ApplicationPatch["optionalClaims"]> | null,
): Application["optionalClaims"] {
  if (claims === null) return null;
  type Claim = NonNullable<typeof claims.idToken>[number];
  const plain = (list: readonly Claim[] | null) =>
    (list ?? []).map(({ "@odata.type": _, ...claim }) => claim);
  return {
    idToken: plain(claims.idToken),
    accessToken: plain(claims.accessToken),
    saml2Token: plain(claims.saml2Token),
  };
}

/** Drops the fields that are undefined, which is what a field left out of the body becomes. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

export function addPassword(request: GraphRequest, key: string): GraphAnswer {
  const { caller, directory, body, secretPolicy } = request;
  const { entry, id } = applicationOf(request, key);
  mayWrite(caller, entry.owners);
  const { passwordCredential } = parseBody(addPasswordBody, body);
  const now = directory.clock.now();
  const start = passwordCredential.startDateTime ? Date.parse(passwordCredential.startDateTime) : now;
  const end = passwordCredential.endDateTime ? Date.parse(passwordCredential.endDateTime) : start + twoYears;
  if (end <= start || end <= now)
    throw badRequest("Credential lifetime is invalid: it ends before it begins.");
  if (secretPolicy.blocked) {
    throw new GraphError(
      400,
      "CredentialTypeNotAllowedAsPerAppPolicy",
      "Credential type not allowed as per assigned policy.",
    );
  }
  if (secretPolicy.maxDays !== undefined && end - start > secretPolicy.maxDays * day) {
    throw new GraphError(
      400,
      "CredentialInvalidLifetimeAsPerAppPolicy",
      "Credential lifetime exceeds the max value allowed as per assigned policy.",
    );
  }
  const { secret, text } = newSecret({
    displayName: passwordCredential.displayName ?? null,
    start,
    end,
    usableFrom: now + directory.propagation.secretMs,
  });
  const { current } = entry.object;
  directory.writeApplication(id, {
    ...current,
    passwordCredentials: [...current.passwordCredentials, secret],
  });
  return { status: 200, context: "microsoft.graph.passwordCredential", body: secretView(secret, text) };
}

const day = 86_400_000;
const twoYears = 730 * day;

export function removePassword(request: GraphRequest, key: string): GraphAnswer {
  const { entry, id } = applicationOf(request, key);
  mayWrite(request.caller, entry.owners);
  const { keyId } = parseBody(removePasswordBody, request.body);
  const { current } = entry.object;
  const left = current.passwordCredentials.filter((secret) => secret.keyId !== keyId.toLowerCase());
  if (left.length === current.passwordCredentials.length) {
    throw badRequest("No password credential found with keyId.");
  }
  request.directory.writeApplication(id, { ...current, passwordCredentials: left });
  return { status: 204 };
}

/** Into the recycle bin, from which it can be had back for 30 days. */
export function deleteApplication(request: GraphRequest, key: string): GraphAnswer {
  const { entry, id } = applicationOf(request, key);
  mayWrite(request.caller, entry.owners);
  request.directory.removeApplication(id);
  return { status: 204 };
}

/**
 * @param key an object id, or `appId='…'` for the alternate key
 * @throws GraphError 404, also where the replica asked doesn't know the object yet
 */
export function applicationOf(
  { directory }: GraphRequest,
  key: string,
): { entry: Entry; id: string; shown: Application } {
  const appId = /^appId='([^']*)'$/.exec(key)?.[1];
  const entry = appId === undefined ? directory.applications.get(key) : directory.applicationEntry(appId);
  const shown = entry?.object.read(directory.clock.now(), directory.propagation.readMs);
  if (entry === undefined || shown === undefined) throw notFound(appId ?? key);
  return { entry, id: shown.id, shown };
}
