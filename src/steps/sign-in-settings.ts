import { variables } from "../../contract/names/variables.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { DeploymentConfigPatch, Project } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import { becomes, differences } from "./differences.ts";
import { settledProject } from "./settled-project.ts";
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
 * @returns what was and what is, a line each; of secrets their names
 * @throws ActionError project-settings-lost, cloudflare-*
 */
export async function alignHostProject(
  cloudflare: Pick<CloudflareClient, "project" | "patchProject">,
  found: Project,
  wanted: HostSettingsWanted,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<readonly string[]> {
  const changes = new Set<string>();
  let project = found;
  let secrets = wanted.newSecrets;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const production = productionPatch(project, wanted, secrets);
    const preview = project.deployment_configs.preview.fail_open === false ? undefined : { fail_open: false };
    if (production === undefined && preview === undefined) return [...changes];
    for (const change of describe(project, { preview, production })) changes.add(change);
    const written = await cloudflare.patchProject(project.name, {
      deployment_configs: {
        ...(preview === undefined ? {} : { preview }),
        ...(production === undefined ? {} : { production }),
      },
    });
    const isAsWanted = (read: Project): boolean =>
      productionPatch(read, wanted, {}) === undefined &&
      hasVariables(read.deployment_configs.production.env_vars ?? {}, wanted.plain, wanted.secretNames);
    project = await settledProject(cloudflare, written, isAsWanted, sleep);
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

interface Patches {
  readonly preview: DeploymentConfigPatch | undefined;
  readonly production: DeploymentConfigPatch | undefined;
}

function describe({ deployment_configs: configs }: Project, { preview, production }: Patches): string[] {
  const { env_vars: variablesToWrite = {}, ...rest } = production ?? {};
  const stored = configs.production.env_vars ?? {};
  const lines = Object.entries(variablesToWrite).map(([name, to]) => {
    const from = stored[name];
    if (to === null) return `${name}: removed`;
    if (to.type === "secret_text" || from?.type === "secret_text")
      return `${name}: ${from == null ? "made" : "made anew"}`;
    return becomes(name, from?.value, to.value);
  });
  return [
    ...lines,
    ...differences(configs.production, rest).map((line) => `production ${line}`),
    ...differences(configs.preview, preview ?? {}).map((line) => `preview ${line}`),
  ];
}
