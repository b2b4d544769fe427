import type { GraphClient } from "../clients/graph.ts";
import type { Application, ApplicationPatch } from "../clients/graph-model.ts";
import { ActionError } from "../errors.ts";
import type { Log } from "../log.ts";
import {
  applicationPatch,
  describePatch,
  disabledRoles,
  hasMore,
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
const mostPatches = 12;
/** Of `pause`, and as chance has it: many repositories that were pushed to at once must not go on in step. */
const widestPause = 30;

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
 * several reads in a row agree, and made again, after a pause that grows, where another writer undid it.
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
  let known: Application = found;
  for (let attempt = 1; attempt <= mostPatches; attempt += 1) {
    const latest = await findApplication(deps.graph, found.appId);
    known = mergeReads(known, latest);
    const patch = applicationPatch(latest, wanted, known);
    for (const change of describePatch(patch ?? {}, latest)) changes.add(change);
    if (patch === undefined || (await written(deps, known.id, patch))) {
      const back = await readBack(deps, known, wanted);
      if (back.settled) return { application: back.known, changes: [...changes] };
      known = back.known;
    }
    await deps.sleep(pause * (1 + Math.min(widestPause, 3 * 2 ** (attempt - 1)) * deps.random()));
  }
  throw new ActionError("graph-change-lost", `Application ${found.appId}: ${[...changes].join(", ")}`);
}

/** Graph lets no enabled role go, so that a write which does not know of another writer's newest is refused. */
const roleWouldGo = "CannotDeleteOrUpdateEnabledEntitlement";

/** @returns false where it was refused for want of what somebody else has just added */
async function written({ graph }: EntraStepDeps, id: string, patch: ApplicationPatch): Promise<boolean> {
  try {
    await graph.patchApplication(id, patch);
    return true;
  } catch (error) {
    const stale = error instanceof ActionError && error.detail.includes(roleWouldGo);
    if (!stale) throw error;
    return false;
  }
}

interface ReadBack {
  /** Whether several reads in a row had all that is wanted. */
  readonly settled: boolean;
  /** What all reads together showed; the last one where it is settled. */
  readonly known: Application;
}

/** Reads until several reads in a row have all that is wanted, or until somebody else has written over it. */
async function readBack(
  deps: EntraStepDeps,
  before: Application,
  wanted: WantedApplication,
): Promise<ReadBack> {
  let known = before;
  let inRow = 0;
  let missing = 0;
  for (let read = 0; read < mostReads && missing < mostReads / 2; read += 1) {
    const application = await findApplication(deps.graph, before.appId);
    const overwritten = hasMore(application, known);
    known = mergeReads(known, application);
    if (applicationPatch(application, wanted) === undefined) {
      inRow += 1;
      missing = 0;
      if (inRow === agreeing) return { settled: true, known: application };
    } else {
      if (overwritten) break;
      missing = inRow > 0 ? 0 : missing + 1;
      inRow = 0;
    }
    await deps.sleep(inRow > 0 ? pause / 4 : pause * (1 + deps.random()));
  }
  return { settled: false, known };
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
