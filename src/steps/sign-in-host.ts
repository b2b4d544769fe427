import { hostEndpoints } from "../../contract/names/endpoints.ts";
import { variables } from "../../contract/names/variables.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { Application } from "../clients/graph-model.ts";
import type { Http } from "../clients/http.ts";
import { ActionError } from "../errors.ts";
import type { Log } from "../log.ts";
import { originOfHost } from "../origins.ts";
import type { CredentialDeps, SecretOwner } from "./credential.ts";
import { hostDigest } from "./sign-in-bundle.ts";
import { arrangeCredential, type CredentialKind } from "./sign-in-credential.ts";
import { arrangeKeys } from "./sign-in-keys.ts";
import { alignHostProject } from "./sign-in-settings.ts";
import { type HostIdentity, plainVariables } from "./sign-in-variables.ts";
import type { Trail } from "./trail.ts";

export interface SignInHostDeps extends CredentialDeps {
  readonly cloudflare: CloudflareClient;
  readonly http: Http;
  readonly log: Log;
  readonly trail: Pick<Trail, "add">;
}

/** A sign-in host's project as it is before anything is done to it. */
export interface HostProject {
  readonly project: Project;
  readonly origin: string;
  readonly redirectUri: string;
  readonly databaseId: string;
  readonly changes: readonly string[];
}

export type ExistingHost = Omit<HostProject, "changes">;

/** The production branch that the action gives a sign-in host's project; nothing is ever deployed to another one. */
const productionBranch = "main";

/**
 * The project and the database of a sign-in host that this repository owns; made where missing.
 * @param found as read before; undefined where there is none
 */
export async function prepareHostProject(
  cloudflare: CloudflareClient,
  name: string,
  found: Project | undefined,
): Promise<HostProject> {
  const changes: string[] = [];
  const project = found ?? (await cloudflare.createProject(name, productionBranch));
  if (found === undefined) changes.push(`project ${name} created`);
  const bound = databaseOf(project);
  if (bound !== undefined) return { ...hostOf(project), databaseId: bound, changes };
  let database = await cloudflare.findDatabase(name);
  if (database === undefined) {
    database = await cloudflare.createDatabase(name);
    changes.push(`D1 database ${name} created`);
  }
  return { ...hostOf(project), databaseId: database.uuid, changes };
}

/**
 * The sign-in host of another repository, or of a pull request's run: read only.
 * @throws ActionError sign-in-host-missing
 */
export function existingHost(name: string, found: Project | undefined): ExistingHost {
  const databaseId = found && databaseOf(found);
  if (found === undefined || databaseId === undefined)
    throw new ActionError("sign-in-host-missing", `Pages project ${name}.`);
  return { ...hostOf(found), databaseId };
}

function hostOf(project: Project): { project: Project; origin: string; redirectUri: string } {
  const origin = originOfHost(project.subdomain);
  return { project, origin, redirectUri: origin + hostEndpoints.callback };
}

/** The database that a sign-in host has; undefined before its first run has ended. */
export function databaseOf(project: Project): string | undefined {
  return project.deployment_configs.production.d1_databases?.[variables.database]?.id;
}

/** Client id of the gate application that an earlier run left in the host's settings. */
export function rememberedClientId(project: Project | undefined): string | undefined {
  const value = project?.deployment_configs.production.env_vars?.[variables.clientId]?.value;
  return value == null || value === "" ? undefined : value;
}

export interface ConfiguredHost {
  /** What `/.auth/status` must name. */
  readonly bundle: string;
  readonly entraKeyId: string;
  /** Secret that was in use when the run began. */
  readonly previousKeyId: string | undefined;
  readonly changes: readonly string[];
}

export interface HostOptions {
  readonly owner: SecretOwner;
  /** Text of dist/gate/host.js. */
  readonly code: string;
  readonly compatibilityDate: string;
  readonly credential: CredentialKind;
  /** Credential and keys are wanted anew whatever their age. */
  readonly rotate: boolean;
  /** Ids of keys that every site has had time to hear of. */
  readonly heardOf: ReadonlySet<string>;
}

/**
 * Credential, keys, variables and binding of the host. What is there and good is kept; all that is new is written in
 * one PATCH.
 * @throws ActionError entra-*, graph-*, cloudflare-*, project-settings-lost, secrets-forbidden
 */
export async function configureHost(
  deps: SignInHostDeps,
  host: HostProject,
  application: Application,
  identity: HostIdentity,
  options: HostOptions,
): Promise<ConfiguredHost> {
  const stored = host.project.deployment_configs.production.env_vars ?? {};
  const { owner, rotate, heardOf } = options;
  const credential = await arrangeCredential(deps, stored, application, {
    owner,
    rotate,
    origin: identity.origin,
    credential: options.credential,
  });
  const keys = await arrangeKeys(deps.log, stored, { now: deps.now(), rotate, heardOf });
  const changes = [...credential.changes, ...keys.changes];

  const { entraKeyId, previousKeyId } = credential;
  const plain = { ...plainVariables(identity, entraKeyId), ...keys.plain };
  const { compatibilityDate, code } = options;
  const secretNames = [
    ...(credential.secretName === undefined ? [] : [credential.secretName]),
    ...keys.secretNames,
  ];
  const written = await alignHostProject(
    deps.cloudflare,
    host.project,
    {
      plain,
      newSecrets: { ...credential.newSecrets, ...keys.newSecrets },
      secretNames,
      remove: [...credential.remove, ...keys.remove],
      databaseId: host.databaseId,
      compatibilityDate,
    },
    deps.sleep,
  );
  if (written.length > 0) {
    changes.push(`settings of ${host.project.name}: ${written.join(", ")}`);
    const entity = { type: "Pages project", uid: host.project.name } as const;
    deps.trail.add({ activity: "update", entity, comment: written.join(", ") });
  }
  const { databaseId } = host;
  const bundle = hostDigest({ code, plain, secretNames, compatibilityDate, databaseId });
  return { bundle, entraKeyId, previousKeyId, changes };
}
