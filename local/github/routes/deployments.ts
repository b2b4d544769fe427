import {
  array,
  boolean,
  nullish,
  optional,
  picklist,
  record,
  strictObject,
  string,
  union,
  unknown,
} from "valibot";
import { ApiError, notFound, validationFailed } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { type Route, route } from "../api/router.ts";
import { deploymentShape, deploymentStatusShape } from "../shapes/deployment.ts";
import { isAncestor, resolveCommit, resolveShortName } from "../state/git.ts";
import { mergeCommit, updateRef } from "../state/git-write.ts";
import type { Deployment, DeploymentStatus, Repository } from "../state/model.ts";
import { actionsBot, type Store } from "../state/store.ts";
import { checkDescription, checkUrl } from "./statuses.ts";

const read = [["deployments", "read"]] as const;
const write = [["deployments", "write"]] as const;

const newDeployment = strictObject({
  ref: string(),
  task: optional(string(), "deploy"),
  auto_merge: optional(boolean(), true),
  required_contexts: optional(array(string())),
  payload: optional(union([record(string(), unknown()), string()]), {}),
  environment: optional(string(), "production"),
  description: nullish(string(), ""),
  transient_environment: optional(boolean(), false),
  production_environment: optional(boolean()),
});

const newStatus = strictObject({
  state: picklist(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  target_url: optional(string(), ""),
  log_url: optional(string()),
  description: optional(string(), ""),
  environment: optional(string()),
  environment_url: optional(string(), ""),
  auto_inactive: optional(boolean(), true),
});

/**
 * Deployments and their statuses.
 * With GitHub's traps: `auto_merge` and `required_contexts` act unless they are switched off.
 * @see https://docs.github.com/rest/deployments/deployments#create-a-deployment
 */
export const deploymentRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/deployments", read, null, ({ api, url, repository, query }) => {
    const deployments = repository.deployments
      .filter(
        ({ sha, ref, task, environment }) =>
          matches(query, "sha", sha) &&
          matches(query, "ref", ref) &&
          matches(query, "task", task) &&
          matches(query, "environment", environment),
      )
      .reverse();
    return listed(url, deployments, (deployment) => deploymentShape(api, repository, deployment));
  }),

  route("post", "/repos/{owner}/{repo}/deployments", write, newDeployment, async (call) => {
    const { api, repository, grant, body } = call;
    const sha = await resolveShortName(repository.gitDir, body.ref);
    if (sha === undefined) throw new ApiError(422, `No ref found for: ${body.ref}`);
    if (body.auto_merge && (await mergedDefaultBranch(api.store, repository, body.ref))) {
      const message = `Auto-merged ${repository.defaultBranch} into ${body.ref} on deployment.`;
      return { status: 202, body: { message } };
    }
    checkContexts(repository, sha, body.required_contexts);
    const deployment: Deployment = {
      id: api.store.nextId(),
      sha,
      ref: body.ref,
      task: body.task,
      environment: body.environment,
      payload: body.payload,
      description: body.description ?? null,
      transient: body.transient_environment,
      production: body.production_environment ?? body.environment === "production",
      creator: grant.account,
      createdAt: api.store.clock.now(),
      statuses: [],
    };
    repository.deployments.push(deployment);
    return { status: 201, body: deploymentShape(api, repository, deployment) };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/deployments/{deployment_id}",
    read,
    null,
    ({ api, repository, params }) => ({
      body: deploymentShape(api, repository, find(repository, params)),
    }),
  ),

  route("get", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", read, null, (call) => {
    const { api, url, repository, params } = call;
    const deployment = find(repository, params);
    return listed(url, [...deployment.statuses].reverse(), (status) =>
      deploymentStatusShape(api, repository, deployment, status),
    );
  }),

  route("post", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", write, newStatus, (call) => {
    const { api, repository, params, grant, body } = call;
    const deployment = find(repository, params);
    const logUrl = body.log_url ?? body.target_url;
    checkUrl("DeploymentStatus", "log_url", logUrl);
    checkUrl("DeploymentStatus", "environment_url", body.environment_url);
    checkDescription("DeploymentStatus", body.description);
    if (body.environment !== undefined && body.environment !== deployment.environment) {
      throw validationFailed(
        "DeploymentStatus",
        "environment",
        "the stand-in moves no deployment between environments",
      );
    }
    const status: DeploymentStatus = {
      id: api.store.nextId(),
      state: body.state,
      description: body.description,
      environmentUrl: body.environment_url,
      logUrl,
      creator: grant.account,
      createdAt: api.store.clock.now(),
    };
    deployment.statuses.push(status);
    if (body.state === "success" && body.auto_inactive) retireOlder(api.store, repository, deployment);
    return { status: 201, body: deploymentStatusShape(api, repository, deployment, status) };
  }),
];

/** Makes earlier successful deployments of the same environment inactive, unless transient or production. */
export function retireOlder(store: Store, repository: Repository, newest: Deployment): void {
  for (const older of repository.deployments) {
    if (older.id >= newest.id || older.environment !== newest.environment) continue;
    if (older.transient || older.production || older.statuses.at(-1)?.state !== "success") continue;
    const last = older.statuses.at(-1) as DeploymentStatus;
    older.statuses.push({ ...last, id: store.nextId(), state: "inactive", createdAt: store.clock.now() });
  }
}

function matches(query: URLSearchParams, name: string, value: string): boolean {
  const wanted = query.get(name);
  return wanted === null || wanted === "none" || wanted === value;
}

function find(repository: Repository, params: Readonly<Record<string, string>>): Deployment {
  const deployment = repository.deployments.find(({ id }) => id === Number(params["deployment_id"]));
  if (deployment === undefined) throw notFound();
  return deployment;
}

/** What `auto_merge` does to a branch that is behind the default branch; a SHA or a tag is left alone. */
async function mergedDefaultBranch(store: Store, repository: Repository, ref: string): Promise<boolean> {
  const { gitDir, defaultBranch } = repository;
  const branch = `refs/heads/${ref.replace(/^(refs\/)?heads\//, "")}`;
  const head = await resolveCommit(gitDir, branch);
  const base = await resolveCommit(gitDir, `refs/heads/${defaultBranch}`);
  if (head === undefined || base === undefined || (await isAncestor(gitDir, base, head))) return false;
  const merged = await mergeCommit(gitDir, head, base, {
    message: `Merge ${defaultBranch} into ${ref}`,
    author: { name: actionsBot.login, email: "noreply@github.localhost" },
    at: Math.floor(store.clock.now() / 1000),
  });
  if (merged === undefined) throw new ApiError(409, `Conflict merging ${defaultBranch} into ${ref}`);
  await updateRef(gitDir, branch, merged);
  return true;
}

function checkContexts(repository: Repository, sha: string, required: readonly string[] | undefined): void {
  const newest = new Map<string, string>();
  for (const { sha: of, context, state } of repository.statuses) if (of === sha) newest.set(context, state);
  const wanted = required ?? [...newest.keys()];
  const contexts = wanted.map((context) => ({ context, state: newest.get(context) ?? "missing" }));
  if (contexts.every(({ state }) => state === "success")) return;
  throw new ApiError(409, `Conflict: Commit status checks failed for ${sha}.`, [
    { contexts, resource: "Deployment", field: "required_contexts", code: "invalid" },
  ]);
}
