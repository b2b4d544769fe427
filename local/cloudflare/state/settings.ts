import { errors } from "../api/envelope.ts";
import type { ConfigChanges, ProjectChanges } from "../api/project-schema.ts";
import type { Environment } from "../options.ts";
import type { DeploymentConfig, EnvVar, Project } from "./model.ts";

/** Of a free account, per environment (developers.cloudflare.com/pages/platform/limits). */
const maximumVariables = 64;

/**
 * Settings of an environment that nobody set anything in. `fail_open` is Cloudflare's default, and what the gate
 * must change.
 *
 * @param now milliseconds; the compatibility date is the day on which the project was made
 */
export function initialConfig(now: number): DeploymentConfig {
  return {
    env_vars: {},
    d1_databases: {},
    compatibility_date: new Date(Math.min(now, Date.now())).toISOString().slice(0, 10),
    compatibility_flags: [],
    fail_open: true,
    always_use_latest_compatibility_date: false,
    build_image_major_version: 3,
    usage_model: "standard",
  };
}

/**
 * Takes over what a PATCH says, and only that: what it doesn't name stays.
 *
 * @throws ApiError where nothing is taken over because the whole would not be valid
 */
export function applyChanges(project: Project, changes: ProjectChanges): void {
  const configs = { ...project.configs };
  for (const environment of ["preview", "production"] as const satisfies Environment[]) {
    const change = changes.deployment_configs?.[environment];
    if (change !== undefined) configs[environment] = mergeConfig(configs[environment], change);
  }
  project.configs = configs;
  if (changes.production_branch !== undefined) project.productionBranch = changes.production_branch;
  if (changes.build_config !== undefined)
    project.buildConfig = { ...project.buildConfig, ...changes.build_config };
  if (changes.source !== undefined) project.source = mergeSource(project.source, changes.source);
}

/** Maps (variables, bindings) are merged key by key, null deletes one; everything else is replaced. */
function mergeConfig(config: DeploymentConfig, changes: ConfigChanges): DeploymentConfig {
  const merged: Record<string, unknown> = { ...config };
  for (const [field, value] of Object.entries(changes)) {
    if (!isMapField(field)) merged[field] = value;
    else merged[field] = value === null ? {} : mergeMap(config[field] as object | undefined, value as object);
  }
  if (Object.keys(merged["env_vars"] as object).length > maximumVariables)
    throw errors.invalid(`env_vars: more than ${maximumVariables} variables`);
  return merged as DeploymentConfig;
}

function isMapField(field: string): boolean {
  return /^(env_vars|d1_databases|browsers|services|kv_namespaces|queue_producers|r2_buckets)$|_(bindings|datasets|namespaces|certificates)$/.test(
    field,
  );
}

function mergeMap(before: object | undefined, changes: object): object {
  const all = Object.entries({ ...before, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

function mergeSource(
  before: Project["source"],
  change: NonNullable<ProjectChanges["source"]>,
): Project["source"] {
  const config = { ...(before?.["config"] as object | undefined), ...change.config };
  return { type: change.type, config };
}

/** The settings as the API shows them: a secret's value is empty. */
export function shownConfig(config: DeploymentConfig): DeploymentConfig {
  return { ...config, env_vars: shownVariables(config.env_vars) };
}

export function shownVariables(variables: Readonly<Record<string, EnvVar>>): Record<string, EnvVar> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      variable.type === "secret_text" ? { ...variable, value: "" } : variable,
    ]),
  );
}
