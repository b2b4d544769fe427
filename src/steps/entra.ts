import type { GraphClient } from "../clients/graph.ts";
import type { Application } from "../clients/graph-model.ts";
import { ActionError } from "../errors.ts";
import type { Log } from "../log.ts";
import {
  applicationPatch,
  describePatch,
  disabledRoles,
  mergeReads,
  type WantedApplication,
} from "./entra-diff.ts";

export interface EntraStepDeps {
  readonly graph: GraphClient;
  readonly log: Log;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export interface ConfiguredApplication {
  readonly application: Application;
  readonly changes: readonly string[];
}

/** So many reads in a row must agree before a change counts as seen everywhere. */
const agreeing = 3;
const pause = 1_000;
/** Reads after one PATCH before it counts as lost; with pauses of 1 to 2 s, near a minute. */
const mostReads = 40;
const mostPatches = 5;

/**
 * The gate application by its client id.
 * @throws ActionError entra-application-unknown, graph-*
 */
export async function findApplication(graph: GraphClient, clientId: string): Promise<Application> {
  const application = await graph.application(clientId);
  if (application === undefined) throw new ActionError("graph-not-found", `Client id ${clientId}.`);
  return application;
}

/** Ids of Microsoft Graph and of its delegated permissions. Source: learn.microsoft.com, "Graph permissions reference". */
const graphResource = "00000003-0000-0000-c000-000000000000";
const signInScopes = [
  "37f7f235-527c-4136-accd-4a02d197296e",
  "14dad69e-099b-42c9-810b-d002981feec1",
  "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
];

/**
 * Creates the gate application: single tenant, asking for openid, profile and User.Read. Graph makes the caller its
 * owner (Application.ReadWrite.OwnedBy).
 */
export function createApplication(graph: GraphClient, displayName: string): Promise<Application> {
  return graph.createApplication({
    displayName,
    signInAudience: "AzureADMyOrg",
    requiredResourceAccess: [
      { resourceAppId: graphResource, resourceAccess: signInScopes.map((id) => ({ id, type: "Scope" })) },
    ],
  });
}

/**
 * Waits until a new application is seen by several reads in a row.
 * @throws ActionError graph-not-found
 */
export async function awaitApplication(
  deps: Pick<EntraStepDeps, "graph" | "sleep">,
  clientId: string,
): Promise<void> {
  let inRow = 0;
  for (let read = 0; inRow < agreeing; read += 1) {
    inRow = (await deps.graph.application(clientId)) === undefined ? 0 : inRow + 1;
    if (read === mostReads) throw new ActionError("graph-not-found", `Client id ${clientId}, just created.`);
    if (inRow < agreeing) await deps.sleep(pause);
  }
}

/**
 * Brings the application to what the policy and the sign-in host need. Nothing is removed; without a difference
 * nothing is written. Graph knows no conditional writes and is eventually consistent: the change is read back until
 * several reads in a row agree, and made again where another writer undid it.
 * @throws ActionError graph-change-lost, redirect-uris-full, graph-*
 */
export async function configureApplication(
  deps: EntraStepDeps,
  found: Application,
  wanted: WantedApplication,
): Promise<ConfiguredApplication> {
  for (const role of disabledRoles(found, wanted.roles))
    deps.log.warning("App role switched off", `${role} is disabled in Entra: nobody can have it.`);
  if (applicationPatch(found, wanted) === undefined) return { application: found, changes: [] };
  const changes = new Set<string>();
  let seen: Application = found;
  for (let attempt = 0; attempt < mostPatches; attempt += 1) {
    seen = await settledRead(deps, seen);
    const patch = applicationPatch(seen, wanted);
    if (patch === undefined) return { application: seen, changes: [...changes] };
    for (const change of describePatch(patch, seen)) changes.add(change);
    await deps.graph.patchApplication(seen.id, patch);
    const after = await readBack(deps, seen, wanted);
    if (after !== undefined) return { application: after, changes: [...changes] };
    await deps.sleep(pause * (1 + 3 * deps.random()));
  }
  throw new ActionError("graph-change-lost", `Application ${found.appId}: ${[...changes].join(", ")}`);
}

/** What was ever seen of the application, after a fresh read. */
async function settledRead(deps: EntraStepDeps, seen: Application): Promise<Application> {
  return mergeReads(seen, await findApplication(deps.graph, seen.appId));
}

/** The application once several reads in a row have all that is wanted; undefined where that does not come. */
async function readBack(
  deps: EntraStepDeps,
  seen: Application,
  wanted: WantedApplication,
): Promise<Application | undefined> {
  let inRow = 0;
  let missing = 0;
  for (let read = 0; read < mostReads; read += 1) {
    const application = await findApplication(deps.graph, seen.appId);
    if (applicationPatch(application, wanted) === undefined) {
      inRow += 1;
      missing = 0;
      if (inRow === agreeing) return application;
    } else {
      missing = inRow > 0 ? 0 : missing + 1;
      inRow = 0;
      if (missing === mostReads / 2) return undefined;
    }
    await deps.sleep(inRow > 0 ? pause / 4 : pause * (1 + deps.random()));
  }
  return undefined;
}

/**
 * The application has a service principal in the tenant, without which nobody can sign in to it.
 * @returns whether Entra lets only assigned users in; Application Administrators decide that, never CI
 */
export async function requireServicePrincipal(
  graph: GraphClient,
  appId: string,
): Promise<{ readonly created: boolean; readonly assignmentRequired: boolean }> {
  const found = await graph.servicePrincipal(appId);
  if (found !== undefined) return { created: false, assignmentRequired: found.appRoleAssignmentRequired };
  const made = await graph.createServicePrincipal(appId);
  return { created: true, assignmentRequired: made.appRoleAssignmentRequired };
}
