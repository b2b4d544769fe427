import type { CommitInfo } from "../state/git.ts";
import type { Artifact, Repository, Workflow, WorkflowRun } from "../state/model.ts";
import { timestamp } from "../state/store.ts";
import { nodeId, repositoryShape, type Schemas, type Urls, userShape } from "./repository.ts";

export function workflowShape(urls: Urls, repository: Repository, workflow: Workflow) {
  const at = timestamp(repository.createdAt);
  return {
    id: workflow.id,
    node_id: nodeId("W", workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: "active",
    created_at: at,
    updated_at: at,
    url: `${urls.apiUrl}/repos/${repository.fullName}/actions/workflows/${workflow.id}`,
    html_url: `${urls.serverUrl}/${repository.fullName}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${urls.serverUrl}/${repository.fullName}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  } as const satisfies Schemas["workflow"];
}

/**
 * A run as the API and the workflow_run payload carry it.
 * `pull_requests` names open pull requests of this repository's own branches only: none for a fork's.
 */
export function runShape(urls: Urls, repository: Repository, run: WorkflowRun, head: CommitInfo) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/actions/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId("WFR", run.id),
    name: run.name,
    display_title: run.title,
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.workflow.path,
    run_number: run.number,
    run_attempt: run.attempt ?? 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    check_suite_id: run.id + 1,
    check_suite_node_id: nodeId("CS", run.id + 1),
    url,
    html_url: `${urls.serverUrl}/${repository.fullName}/actions/runs/${run.id}`,
    pull_requests: pullRequestsOf(urls, repository, run),
    created_at: timestamp(run.createdAt),
    updated_at: timestamp(run.updatedAt),
    run_started_at: timestamp(run.createdAt),
    actor: userShape(urls, run.actor),
    triggering_actor: userShape(urls, run.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${urls.apiUrl}/repos/${repository.fullName}/check-suites/${run.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${urls.apiUrl}/repos/${repository.fullName}/actions/workflows/${run.workflow.id}`,
    head_commit: {
      id: head.sha,
      tree_id: head.tree,
      message: head.message,
      timestamp: head.author.date,
      author: { name: head.author.name, email: head.author.email },
      committer: { name: head.author.name, email: head.author.email },
    },
    repository: repositoryShape(urls, repository),
    head_repository: repositoryShape(urls, run.headRepository),
  } as const;
}

function pullRequestsOf(urls: Urls, repository: Repository, run: WorkflowRun) {
  if (run.headRepository !== repository) return [];
  const reference = {
    id: repository.id,
    name: repository.name,
    url: `${urls.apiUrl}/repos/${repository.fullName}`,
  };
  return [...repository.pulls.values()]
    .filter(
      ({ state, head, headSha }) =>
        state === "open" &&
        head.repository === repository &&
        head.branch === run.headBranch &&
        headSha === run.headSha,
    )
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${urls.apiUrl}/repos/${repository.fullName}/pulls/${pull.number}`,
      head: { ref: pull.head.branch, sha: pull.headSha, repo: reference },
      base: { ref: pull.base, sha: pull.headSha, repo: reference },
    }));
}

export function artifactShape(urls: Urls, repository: Repository, artifact: Artifact, now: number) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/actions/artifacts/${artifact.id}`;
  const at = timestamp(artifact.createdAt);
  return {
    id: artifact.id,
    node_id: nodeId("A", artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.zip.byteLength,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expiresAt <= now,
    digest: artifact.digest,
    created_at: at,
    updated_at: at,
    expires_at: timestamp(artifact.expiresAt),
    workflow_run: {
      id: artifact.run.id,
      repository_id: repository.id,
      head_repository_id: artifact.run.headRepository.id,
      head_sha: artifact.run.headSha,
      ...(artifact.run.headBranch === null ? {} : { head_branch: artifact.run.headBranch }),
    },
  } as const satisfies Schemas["artifact"];
}
