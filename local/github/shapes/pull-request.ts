import type { PullRequest, Repository } from "../state/model.ts";
import { timestamp } from "../state/store.ts";
import { nodeId, repositoryShape, type Urls, userShape } from "./repository.ts";

/**
 * A pull request as the API and event payloads carry it.
 * @param baseSha tip of the base branch
 */
export function pullRequestShape(urls: Urls, repository: Repository, pull: PullRequest, baseSha: string) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/pulls/${pull.number}`;
  const html = `${urls.serverUrl}/${repository.fullName}/pull/${pull.number}`;
  const issue = `${urls.apiUrl}/repos/${repository.fullName}/issues/${pull.number}`;
  const { head } = pull;
  return {
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    number: pull.number,
    url,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    comments_url: `${issue}/comments`,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${url}/comments{/number}`,
    statuses_url: `${urls.apiUrl}/repos/${repository.fullName}/statuses/${pull.headSha}`,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: null,
    draft: false,
    user: userShape(urls, pull.user),
    author_association: associationOf(repository, pull),
    assignee: null,
    milestone: null,
    labels: [...pull.labels].map((name) => ({ name })),
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : timestamp(pull.closedAt),
    merged_at: pull.mergedAt === undefined ? null : timestamp(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit ?? null,
    head: {
      label: `${head.repository.owner.login}:${head.branch}`,
      ref: head.branch,
      sha: pull.headSha,
      user: userShape(urls, head.repository.owner),
      repo: repositoryShape(urls, head.repository),
    },
    base: {
      label: `${repository.owner.login}:${pull.base}`,
      ref: pull.base,
      sha: baseSha,
      user: userShape(urls, repository.owner),
      repo: repositoryShape(urls, repository),
    },
  } as const;
}

/** What GET of one pull request and event payloads add to the list's shape. */
export function fullPullRequestShape(urls: Urls, repository: Repository, pull: PullRequest, baseSha: string) {
  return {
    ...pullRequestShape(urls, repository, pull, baseSha),
    merged: pull.mergedAt !== undefined,
    mergeable: pull.state === "open" ? pull.mergeCommit !== undefined : null,
    mergeable_state: pull.mergeCommit === undefined ? "dirty" : "clean",
    merged_by: null,
    maintainer_can_modify: false,
    comments: repository.comments.filter((comment) => comment.issue === pull.number).length,
  } as const;
}

function associationOf(repository: Repository, pull: PullRequest) {
  if (pull.user.login === repository.owner.login) return "OWNER";
  return repository.collaborators.has(pull.user.login.toLowerCase()) ? "COLLABORATOR" : "NONE";
}
