import { makeCookieKey, makeSigningKey, type NewKey } from "../../contract/keys/make.ts";
import { hostEndpoints } from "../../contract/names/endpoints.ts";
import { variables } from "../../contract/names/variables.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { Application } from "../clients/graph-model.ts";
import type { Http } from "../clients/http.ts";
import { ActionError } from "../errors.ts";
import type { Log } from "../log.ts";
import { originOfHost } from "../origins.ts";
import { type CredentialDeps, makeSecret, type SecretOwner, secretIsCurrent } from "./credential.ts";
import { requireServicePrincipal } from "./entra.ts";
import { hostDigest } from "./sign-in-bundle.ts";
import { alignHostProject } from "./sign-in-settings.ts";
import { type HostIdentity, keyInUse, plainVariables } from "./sign-in-variables.ts";
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

function databaseOf(project: Project): string | undefined {
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

/**
 * Credential, keys, variables and binding of the host. What is there and good is kept; all that is new is written in
 * one PATCH.
 * @param code text of dist/gate/host.js
 * @throws ActionError entra-*, graph-*, cloudflare-*, project-settings-lost, secrets-forbidden
 */
export async function configureHost(
  deps: SignInHostDeps,
  host: HostProject,
  application: Application,
  identity: HostIdentity,
  options: { readonly owner: SecretOwner; readonly code: string; readonly compatibilityDate: string },
): Promise<ConfiguredHost> {
  const stored = host.project.deployment_configs.production.env_vars ?? {};
  const mask = ({ privateParts }: NewKey): void => {
    for (const part of privateParts) deps.log.mask(part);
  };
  const newSecrets: Record<string, string> = {};
  const changes: string[] = [];

  const previousKeyId = stored[variables.entraKeyId]?.value ?? undefined;
  const hasSecret = stored[variables.clientSecret]?.type === "secret_text";
  let entra = previousKeyId ?? "";
  if (!hasSecret || !(await secretLives(deps, application, previousKeyId))) {
    const { created } = await requireServicePrincipal(deps.graph, application.appId);
    if (created) {
      changes.push("service principal of the gate application created");
      deps.trail.add({
        activity: "create",
        entity: { type: "service principal", uid: application.appId, name: application.displayName },
      });
    }
    const made = await makeSecret(deps, application, options.owner);
    newSecrets[variables.clientSecret] = made.secret;
    entra = made.keyId;
    changes.push(`client secret ${made.keyId} made, ends ${made.endDateTime}`);
    deps.trail.add({
      activity: "create",
      entity: { type: "credential", uid: made.keyId, name: "client secret" },
      expires: Date.parse(made.endDateTime),
    });
  }
  let signing = keyInUse(stored, variables.signingActive, variables.signingKeyPrefix);
  if (signing === undefined) {
    const key = await makeSigningKey(deps.now());
    mask(key);
    signing = key.kid;
    newSecrets[variables.signingKeyPrefix + key.kid] = key.secret;
  }
  let cookie = keyInUse(stored, variables.cookieActive, variables.cookieKeyPrefix);
  if (cookie === undefined) {
    const key = makeCookieKey(deps.now());
    mask(key);
    cookie = key.kid;
    newSecrets[variables.cookieKeyPrefix + key.kid] = key.secret;
  }

  const plain = plainVariables(identity, { entra, signing, cookie });
  const { compatibilityDate } = options;
  const written = await alignHostProject(deps.cloudflare, host.project, {
    plain,
    newSecrets,
    secretNames: [
      variables.clientSecret,
      variables.signingKeyPrefix + signing,
      variables.cookieKeyPrefix + cookie,
    ],
    databaseId: host.databaseId,
    compatibilityDate,
  });
  if (written.length > 0) {
    changes.push(`settings of ${host.project.name}: ${written.join(", ")}`);
    const entity = { type: "Pages project", uid: host.project.name } as const;
    deps.trail.add({ activity: "update", entity, comment: written.join(", ") });
  }
  const bundle = hostDigest({ code: options.code, plain, compatibilityDate, databaseId: host.databaseId });
  return { bundle, entraKeyId: entra, previousKeyId, changes };
}

/** A read of the application may come from a replica that has not heard of the last run's secret: asks again. */
async function secretLives(
  deps: SignInHostDeps,
  application: Application,
  keyId: string | undefined,
): Promise<boolean> {
  let latest: Application | undefined = application;
  for (let read = 0; ; read += 1) {
    if (latest !== undefined && secretIsCurrent(latest, keyId, deps.now())) return true;
    const known = latest?.passwordCredentials.some((one) => one.keyId === keyId?.toLowerCase());
    if (keyId === undefined || known === true || read === 4) return false;
    await deps.sleep(2_000);
    latest = await deps.graph.application(application.appId);
  }
}
