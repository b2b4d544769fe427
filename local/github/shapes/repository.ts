import type { components } from "@octokit/openapi-types";
import type { Part } from "../api/router.ts";
import type { Account, Repository } from "../state/model.ts";
import { timestamp } from "../state/store.ts";

export type Schemas = components["schemas"];

/** The addresses that published objects carry. */
export interface Urls {
  readonly apiUrl: string;
  readonly serverUrl: string;
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString("base64url")}`;
}

export function userShape(urls: Urls, account: Account) {
  const url = `${urls.apiUrl}/users/${encodeURIComponent(account.login)}`;
  const path = account.type === "Bot" ? `apps/${account.login.replace("[bot]", "")}` : account.login;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("U", account.id),
    avatar_url: `${urls.serverUrl}/avatars/${account.id}`,
    gravatar_id: "",
    url,
    html_url: `${urls.serverUrl}/${path}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
  } as const satisfies Schemas["simple-user"];
}

/** A repository as lists, pull requests and event payloads carry it. */
export function repositoryShape(urls: Urls, repository: Repository) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}`;
  const html = `${urls.serverUrl}/${repository.fullName}`;
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: repository.fullName,
    owner: userShape(urls, repository.owner),
    private: repository.visibility === "private",
    visibility: repository.visibility,
    html_url: html,
    description: null,
    fork: repository.parent !== undefined,
    url,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    contents_url: `${url}/contents/{+path}`,
    deployments_url: `${url}/deployments`,
    git_refs_url: `${url}/git/refs{/sha}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    statuses_url: `${url}/statuses/{sha}`,
    clone_url: `${html}.git`,
    default_branch: repository.defaultBranch,
    archived: false,
    disabled: false,
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.createdAt),
    pushed_at: timestamp(repository.createdAt),
    topics: [] as string[],
  } as const;
}

export function fullRepositoryShape(urls: Urls, repository: Repository): Part<Schemas["full-repository"]> {
  return {
    ...repositoryShape(urls, repository),
    ...(repository.parent === undefined ? {} : { parent: repositoryShape(urls, repository.parent) }),
    allow_forking: true,
    has_issues: repository.hasIssues,
    network_count: 0,
    subscribers_count: 0,
  };
}
