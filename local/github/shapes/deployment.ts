import type { CommitStatus, Deployment, DeploymentStatus, IssueComment, Repository } from "../state/model.ts";
import { timestamp } from "../state/store.ts";
import { nodeId, type Schemas, type Urls, userShape } from "./repository.ts";

export function commentShape(urls: Urls, repository: Repository, comment: IssueComment) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/issues`;
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url: `${url}/comments/${comment.id}`,
    issue_url: `${url}/${comment.issue}`,
    html_url: `${urls.serverUrl}/${repository.fullName}/pull/${comment.issue}#issuecomment-${comment.id}`,
    body: comment.body,
    user: userShape(urls, comment.user),
    author_association: comment.user.type === "Bot" ? "NONE" : "COLLABORATOR",
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
  } as const satisfies Schemas["issue-comment"];
}

export function deploymentShape(urls: Urls, repository: Repository, deployment: Deployment) {
  const repositoryUrl = `${urls.apiUrl}/repos/${repository.fullName}`;
  const url = `${repositoryUrl}/deployments/${deployment.id}`;
  const updated = deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt;
  return {
    id: deployment.id,
    node_id: nodeId("DE", deployment.id),
    url,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userShape(urls, deployment.creator),
    created_at: timestamp(deployment.createdAt),
    updated_at: timestamp(updated),
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  } as const satisfies Schemas["deployment"];
}

export function deploymentStatusShape(
  urls: Urls,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  const repositoryUrl = `${urls.apiUrl}/repos/${repository.fullName}`;
  const deploymentUrl = `${repositoryUrl}/deployments/${deployment.id}`;
  return {
    id: status.id,
    node_id: nodeId("DES", status.id),
    url: `${deploymentUrl}/statuses/${status.id}`,
    state: status.state,
    creator: userShape(urls, status.creator),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
    deployment_url: deploymentUrl,
    repository_url: repositoryUrl,
  } as const satisfies Schemas["deployment-status"];
}

export function statusShape(urls: Urls, repository: Repository, status: CommitStatus) {
  return {
    ...simpleStatusShape(urls, repository, status),
    creator: userShape(urls, status.creator),
  } as const satisfies Schemas["status"];
}

export function simpleStatusShape(urls: Urls, repository: Repository, status: CommitStatus) {
  const at = timestamp(status.createdAt);
  return {
    id: status.id,
    node_id: nodeId("SC", status.id),
    url: `${urls.apiUrl}/repos/${repository.fullName}/statuses/${status.sha}`,
    avatar_url: `${urls.serverUrl}/avatars/${status.creator.id}`,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: at,
    updated_at: at,
  } as const satisfies Schemas["simple-commit-status"];
}
