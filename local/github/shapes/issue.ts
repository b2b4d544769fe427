import type { Issue, PullRequest, Repository } from "../state/model.ts";
import { timestamp } from "../state/store.ts";
import { nodeId, type Urls, userShape } from "./repository.ts";

/** An issue as the API carries it. */
export function issueShape(urls: Urls, repository: Repository, issue: Issue) {
  return {
    ...common(urls, repository, issue, "issues"),
    body: issue.body,
    state_reason: issue.stateReason,
  };
}

/** A pull request as lists of issues carry it: an issue with `pull_request`. */
export function pullRequestIssueShape(urls: Urls, repository: Repository, pull: PullRequest) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/pulls/${pull.number}`;
  const html = `${urls.serverUrl}/${repository.fullName}/pull/${pull.number}`;
  const merged = pull.mergedAt === undefined ? null : timestamp(pull.mergedAt);
  return {
    ...common(urls, repository, pull, "pull"),
    body: null,
    state_reason: null,
    pull_request: {
      url,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: merged,
    },
  };
}

function common(
  urls: Urls,
  repository: Repository,
  item: Omit<Issue, "body" | "stateReason"> | PullRequest,
  kind: "issues" | "pull",
) {
  const { id, number, title, user, state, labels, createdAt, updatedAt, closedAt } = item;
  const repositoryUrl = `${urls.apiUrl}/repos/${repository.fullName}`;
  const url = `${repositoryUrl}/issues/${number}`;
  return {
    id,
    node_id: nodeId(kind === "pull" ? "PR" : "I", id),
    url,
    repository_url: repositoryUrl,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${urls.serverUrl}/${repository.fullName}/${kind}/${number}`,
    number,
    state,
    title,
    user: userShape(urls, user),
    labels: [...labels].map((name) => ({ name })),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: repository.comments.filter((comment) => comment.issue === number).length,
    created_at: timestamp(createdAt),
    updated_at: timestamp(updatedAt),
    closed_at: closedAt === undefined ? null : timestamp(closedAt),
    author_association: user.type === "Bot" ? ("NONE" as const) : ("COLLABORATOR" as const),
  };
}
