import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { DeploymentConfigPatch, Project, ProjectPatch } from "../clients/cloudflare-model.ts";
import { ActionError } from "../errors.ts";
import { differences } from "./differences.ts";
import { settledProject } from "./settled-project.ts";

/** What the site's project must be like, from the policy of the default branch. */
export interface WantedProject {
  readonly productionGated: boolean;
  /** Cloudflare's own builds: switched off, refused, or left since they are what is looked at. */
  readonly ownBuilds: "take-over" | "refuse" | "leave";
  /** For a project that has none yet. */
  readonly compatibilityDate: string;
}

type Git = NonNullable<NonNullable<Project["source"]>["config"]>;

/**
 * What has to change in a project's settings so that nothing of it is shown without the gate; undefined for nothing.
 * `fail_open` is true unless Cloudflare says false: that is every project's default.
 */
export function settingsPatch(project: Project, wanted: WantedProject): ProjectPatch | undefined {
  const configs = project.deployment_configs;
  const preview = configPatch(configs.preview, true, wanted);
  const production = configPatch(configs.production, wanted.productionGated, wanted);
  const { source } = project;
  const git = gitPatch(source?.config, wanted);
  const deploymentConfigs = {
    ...(preview === undefined ? {} : { preview }),
    ...(production === undefined ? {} : { production }),
  };
  if (Object.keys(deploymentConfigs).length === 0 && git === undefined) return undefined;
  return {
    ...(Object.keys(deploymentConfigs).length === 0 ? {} : { deployment_configs: deploymentConfigs }),
    ...(git === undefined || !source ? {} : { source: { type: source.type, config: git } }),
  };
}

function configPatch(
  config: Project["deployment_configs"]["preview"],
  gated: boolean,
  wanted: WantedProject,
): DeploymentConfigPatch | undefined {
  const patch: DeploymentConfigPatch = {
    ...(gated && config.fail_open !== false ? { fail_open: false } : {}),
    ...(config.compatibility_date ? {} : { compatibility_date: wanted.compatibilityDate }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Cloudflare's own builds know no gate. Source: Pages docs, "Branch deployment controls". */
function gitPatch(git: Git | undefined, wanted: WantedProject) {
  if (git === undefined || wanted.ownBuilds !== "take-over") return undefined;
  const patch = {
    ...(git.preview_deployment_setting === "none" ? {} : { preview_deployment_setting: "none" as const }),
    ...(git.production_deployments_enabled === false ? {} : { production_deployments_enabled: false }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** @throws ActionError project-builds-itself where Cloudflare would deploy what ought to be behind the gate */
function requireNoOwnBuilds({ name, source }: Project, { productionGated, ownBuilds }: WantedProject): void {
  const git = source?.config;
  if (git === undefined || ownBuilds !== "refuse") return;
  const previews = git.preview_deployment_setting !== "none";
  const production = productionGated && git.production_deployments_enabled !== false;
  if (!previews && !production) return;
  const which = [...(previews ? ["previews"] : []), ...(production ? ["production"] : [])].join(" and ");
  throw new ActionError("project-builds-itself", `Project ${name}: ${which}.`);
}

/**
 * For a pull request: reads only, and refuses where the project would show a preview without its gate.
 * @throws ActionError project-fails-open, project-builds-itself, branch-is-production
 */
export function requireClosedPreviews(project: Project, branch: string): void {
  if (project.deployment_configs.preview.fail_open !== false)
    throw new ActionError("project-fails-open", `Project ${project.name}, environment preview.`);
  const git = project.source?.config;
  if (git !== undefined && git.preview_deployment_setting !== "none")
    throw new ActionError("project-builds-itself", `Project ${project.name}.`);
  requireOtherThanProduction(project, branch);
}

/** @throws ActionError branch-is-production */
export function requireOtherThanProduction(project: Project, branch: string): void {
  if (project.production_branch?.toLowerCase() === branch)
    throw new ActionError("branch-is-production", `Project ${project.name}, branch ${branch}.`);
}

export interface AlignedProject {
  readonly project: Project;
  /** What was and what is, for the log; empty where nothing differed. */
  readonly changes: readonly string[];
}

/**
 * For a push: the project exists and its settings are as wanted, read back after a write.
 * @param found the project as read before; undefined where there is none
 * @throws ActionError project-builds-itself before anything is written, project-settings-lost, cloudflare-*
 */
export async function alignProject(
  cloudflare: Pick<CloudflareClient, "project" | "createProject" | "patchProject">,
  name: string,
  found: Project | undefined,
  productionBranch: string,
  wanted: WantedProject,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<AlignedProject> {
  const changes: string[] = [];
  if (found !== undefined) requireNoOwnBuilds(found, wanted);
  let project = found;
  if (project === undefined) {
    project = await cloudflare.createProject(name, productionBranch);
    changes.push(`project ${name} created, production branch ${productionBranch}`);
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const patch = settingsPatch(project, wanted);
    if (patch === undefined) return { project, changes };
    const written = await cloudflare.patchProject(name, patch);
    changes.push(...differences(project, patch).map((line) => `project ${name}: ${line}`));
    const isAsWanted = (read: Project): boolean => settingsPatch(read, wanted) === undefined;
    project = await settledProject(cloudflare, written, isAsWanted, sleep);
  }
  if (settingsPatch(project, wanted) === undefined) return { project, changes };
  throw new ActionError("project-settings-lost", `Project ${name}.`);
}
