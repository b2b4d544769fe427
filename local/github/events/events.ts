import type { PullRequestEvent, PushEvent } from "@octokit/webhooks-types";
import type { Part } from "../api/router.ts";
import { fullPullRequestShape } from "../shapes/pull-request.ts";
import type { Urls } from "../shapes/repository.ts";
import { changedPaths, commitInfo, isAncestor } from "../state/git.ts";
import type { Account, PullRequest, Repository } from "../state/model.ts";
import { common, defaults, tip } from "./common.ts";
import type { GitHubEvent } from "./event.ts";

const nothing = "0".repeat(40);
/** A branch or tag moved. @param before its commit until then, undefined where it is new */
export async function pushEvent(
  urls: Urls,
  repository: Repository,
  push: {
    readonly ref: string;
    readonly before: string | undefined;
    readonly after: string;
    readonly actor: Account;
  },
): Promise<GitHubEvent> {
  const { ref, before, after, actor } = push;
  const { gitDir } = repository;
  const info = await commitInfo(gitDir, after);
  const person = { name: info.author.name, email: info.author.email };
  const commit = {
    id: info.sha,
    tree_id: info.tree,
    distinct: true,
    message: info.message,
    timestamp: info.author.date,
    url: `${urls.serverUrl}/${repository.fullName}/commit/${info.sha}`,
    author: person,
    committer: person,
    added: [],
    removed: [],
    modified: await changedPaths(gitDir, before, after),
  };
  const payload = {
    ref,
    before: before ?? nothing,
    after,
    base_ref: null,
    created: before === undefined,
    deleted: false,
    forced: before !== undefined && !(await isAncestor(gitDir, before, after)),
    compare: `${urls.serverUrl}/${repository.fullName}/compare/${(before ?? nothing).slice(0, 12)}...${after.slice(0, 12)}`,
    commits: [commit],
    head_commit: commit,
    pusher: { name: actor.login, email: `${actor.login}@users.noreply.github.localhost` },
    ...pushCommon(urls, repository, actor),
  } satisfies Part<PushEvent>;
  const branch = ref.replace(/^refs\/(heads|tags)\//, "");
  return {
    ...defaults,
    repository,
    name: "push",
    payload,
    ref,
    sha: after,
    workflowsFrom: after,
    head: { repository, branch, sha: after },
    actor,
    title: info.message.split("\n")[0] ?? "",
    changed: ref.startsWith("refs/tags/") ? undefined : commit.modified,
  };
}

/** A push's repository has its times in seconds, unlike every other event's. */
function pushCommon(urls: Urls, repository: Repository, actor: Account) {
  const { sender, repository: shape } = common(urls, repository, actor);
  const seconds = Math.floor(repository.createdAt / 1000);
  return { sender, repository: { ...shape, created_at: seconds, pushed_at: seconds } };
}

/**
 * A pull request changed: one `pull_request` event, unless it conflicts, and one `pull_request_target`.
 * The latter uses the default branch's files and commit, whatever the base.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export async function pullRequestEvents(
  urls: Urls,
  repository: Repository,
  pull: PullRequest,
  action: string,
  actor: Account,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<GitHubEvent[]> {
  const base = await tip(repository, pull.base);
  const main = await tip(repository, repository.defaultBranch);
  const payload = {
    action: action as PullRequestEvent["action"],
    number: pull.number,
    pull_request: fullPullRequestShape(urls, repository, pull, base),
    ...common(urls, repository, actor),
    ...extra,
  } satisfies Part<Omit<PullRequestEvent, "action">> & { action: PullRequestEvent["action"] };
  const shared = {
    ...defaults,
    repository,
    action,
    payload,
    head: { repository: pull.head.repository, branch: pull.head.branch, sha: pull.headSha },
    actor,
    title: pull.title,
    pull,
  };
  const target: GitHubEvent = {
    ...shared,
    name: "pull_request_target",
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: main,
    workflowsFrom: main,
    changed: await changedPaths(repository.gitDir, base, pull.headSha),
  };
  const merge = pull.mergeCommit;
  if (merge === undefined) return [target];
  const ref = pull.mergedAt === undefined ? `refs/pull/${pull.number}/merge` : `refs/heads/${pull.base}`;
  const changed = await changedPaths(repository.gitDir, base, merge);
  return [{ ...shared, name: "pull_request", ref, sha: merge, workflowsFrom: merge, changed }, target];
}
