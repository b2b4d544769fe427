import { variables } from "../../contract/names/variables.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { DeploymentConfigPatch, Project } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import { hasVariables, variablesPatch } from "./sign-in-variables.ts";

/** Everything that the sign-in host's project must have. */
export interface HostSettingsWanted {
  readonly plain: Readonly<Record<string, string>>;
  /** Secrets made in this run, by name. */
  readonly newSecrets: Readonly<Record<string, string>>;
  /** Names of all secrets that must be there afterwards. */
  readonly secretNames: readonly string[];
  /** Names of variables and secrets that must be gone afterwards. */
  readonly remove: readonly string[];
  readonly databaseId: string;
  readonly compatibilityDate: string;
}

/**
 * Brings the project of the sign-in host to its settings in one PATCH and reads it back; without a difference it
 * writes nothing.
 * @returns the names of what was written, never a value
 * @throws ActionError project-settings-lost, cloudflare-*
 */
export async function alignHostProject(
  cloudflare: Pick<CloudflareClient, "project" | "patchProject">,
  found: Project,
  wanted: HostSettingsWanted,
): Promise<readonly string[]> {
  const changes = new Set<string>();
  let project = found;
  let secrets = wanted.newSecrets;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const production = productionPatch(project, wanted, secrets);
    const preview = project.deployment_configs.preview.fail_open === false ? undefined : { fail_open: false };
    if (production === undefined && preview === undefined) return [...changes];
    for (const change of namesOf(production)) changes.add(change);
    if (preview !== undefined) changes.add("preview fail_open");
    await cloudflare.patchProject(project.name, {
      deployment_configs: {
        ...(preview === undefined ? {} : { preview }),
        ...(production === undefined ? {} : { production }),
      },
    });
    project = (await cloudflare.project(project.name)) ?? project;
    const stored = project.deployment_configs.production.env_vars ?? {};
    if (hasVariables(stored, wanted.plain, wanted.secretNames)) secrets = {};
  }
  if (productionPatch(project, wanted, secrets) === undefined) return [...changes];
  throw new ActionError("project-settings-lost", `Project ${found.name}.`);
}

function productionPatch(
  project: Project,
  wanted: HostSettingsWanted,
  secrets: Readonly<Record<string, string>>,
): DeploymentConfigPatch | undefined {
  const config = project.deployment_configs.production;
  const variablesToWrite = variablesPatch(config.env_vars ?? {}, wanted.plain, secrets, wanted.remove);
  const bound = config.d1_databases?.[variables.database]?.id === wanted.databaseId;
  const patch: DeploymentConfigPatch = {
    ...(Object.keys(variablesToWrite).length === 0 ? {} : { env_vars: variablesToWrite }),
    ...(bound ? {} : { d1_databases: { [variables.database]: { id: wanted.databaseId } } }),
    ...(config.fail_open === false ? {} : { fail_open: false }),
    ...(config.compatibility_date === wanted.compatibilityDate
      ? {}
      : { compatibility_date: wanted.compatibilityDate }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function namesOf(patch: DeploymentConfigPatch | undefined): string[] {
  if (patch === undefined) return [];
  const { env_vars: written = {}, ...rest } = patch;
  return [...Object.keys(written), ...Object.keys(rest)];
}
