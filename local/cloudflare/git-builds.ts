import { readPagesFolder } from "../../src/pages-runtime/folder.ts";
import type { Deployment, Project } from "./state/model.ts";
import type { AccountState } from "./state/state.ts";

/** What Cloudflare's own build of a commit comes to: it is not built here, its output is at hand. */
export interface GitBuild {
  readonly branch: string;
  readonly commitHash: string;
  readonly message: string;
  /** Output folder, functions compiled into its `_worker.js`. */
  readonly folder: string;
}

/** A connection to a repository as the dashboard makes it: it builds every branch. */
export function connection(owner: string, repository: string, project: Project): Project["source"] {
  const config = {
    owner,
    repo_name: repository,
    production_branch: project.productionBranch,
    pr_comments_enabled: true,
    deployments_enabled: true,
    production_deployments_enabled: true,
    preview_deployment_setting: "all",
    preview_branch_includes: ["*"],
    preview_branch_excludes: [],
  };
  return { type: "github", config };
}

/**
 * Builds and deploys a commit that was pushed, where the project's settings have it built.
 * @see https://developers.cloudflare.com/pages/configuration/branch-build-controls/
 */
export async function buildFromGit(
  state: AccountState,
  project: Project,
  { branch, commitHash, message, folder }: GitBuild,
): Promise<Deployment | undefined> {
  if (!isBuilt(project, branch)) return undefined;
  const { worker, assets, headersFile, redirectsFile, routesFile } = await readPagesFolder(folder);
  const manifest: Record<string, string> = {};
  for (const [path, { key, contentType }] of assets.files) {
    manifest[path] = key;
    state.assets.set(key, { bytes: await assets.read(key), contentType });
  }
  const upload = {
    manifest,
    ...(worker === undefined ? {} : { worker }),
    ...(headersFile === undefined ? {} : { headersFile }),
    ...(redirectsFile === undefined ? {} : { redirectsFile }),
    ...(routesFile === undefined ? {} : { routesFile }),
  };
  const commit = { branch, commit_hash: commitHash, commit_message: message, commit_dirty: false };
  const met = state.takeMisfortune(project.name);
  return state.deploy(project, commit, upload, met, undefined, "github:push");
}

function isBuilt({ source, productionBranch }: Project, branch: string): boolean {
  const config = source?.["config"] as Readonly<Record<string, unknown>> | undefined;
  if (config === undefined || config["deployments_enabled"] === false) return false;
  if (branch === productionBranch) return config["production_deployments_enabled"] !== false;
  const setting = config["preview_deployment_setting"];
  if (setting === "custom") throw new Error("branches that are chosen one by one are not done here");
  return setting !== "none";
}
