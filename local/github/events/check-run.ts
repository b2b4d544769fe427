import type { CheckRunCompletedEvent } from "@octokit/webhooks-types";
import type { Part } from "../api/router.ts";
import { nodeId, type Urls, userShape } from "../shapes/repository.ts";
import type { Repository } from "../state/model.ts";
import { type Store, timestamp } from "../state/store.ts";
import { common, defaults, tip } from "./common.ts";
import type { GitHubEvent } from "./event.ts";

/** What an app says about a commit. */
export interface CheckRun {
  readonly sha: string;
  /** Null where the commit is a fork's. */
  readonly branch: string | null;
  readonly app: { readonly slug: string; readonly name: string };
  readonly name: string;
  readonly conclusion: "success" | "failure" | "cancelled";
  readonly detailsUrl: string;
}

/**
 * An app's check came to its end: listened to by the default branch's workflows, with the default branch's commit.
 * The pull requests are those whose branch it is, whatever commit they are at.
 */
export async function checkRunEvent(
  store: Store,
  urls: Urls,
  repository: Repository,
  check: CheckRun,
): Promise<GitHubEvent> {
  const main = await tip(repository, repository.defaultBranch);
  const [id, suite, appId] = [store.nextId(), store.nextId(), store.nextId()];
  const at = timestamp(store.clock.now());
  const bot = store.account(`${check.app.slug}[bot]`);
  const home = `${urls.apiUrl}/repos/${repository.fullName}`;
  const app = {
    id: appId,
    slug: check.app.slug,
    node_id: nodeId("A", appId),
    owner: userShape(urls, bot),
    name: check.app.name,
    description: "",
    external_url: "https://app.example",
    html_url: `${urls.serverUrl}/apps/${check.app.slug}`,
    created_at: at,
    updated_at: at,
  };
  const pulls = pullRequestsOf(urls, repository, check.branch);
  const { conclusion, sha } = check;
  const payload = {
    action: "completed",
    check_run: {
      id,
      node_id: nodeId("CR", id),
      head_sha: sha,
      external_id: "",
      url: `${home}/check-runs/${id}`,
      html_url: `${urls.serverUrl}/${repository.fullName}/runs/${id}`,
      details_url: check.detailsUrl,
      status: "completed",
      conclusion,
      started_at: at,
      completed_at: at,
      output: {
        title: null,
        summary: null,
        text: null,
        annotations_count: 0,
        annotations_url: `${home}/check-runs/${id}/annotations`,
      },
      name: check.name,
      check_suite: {
        id: suite,
        node_id: nodeId("CS", suite),
        head_branch: check.branch,
        head_sha: sha,
        status: "completed",
        conclusion,
        url: `${home}/check-suites/${suite}`,
        before: null,
        after: sha,
        pull_requests: pulls,
        app,
        created_at: at,
        updated_at: at,
      },
      app,
      pull_requests: pulls,
    },
    ...common(urls, repository, bot),
  } as const satisfies Part<CheckRunCompletedEvent>;
  return {
    ...defaults,
    repository,
    name: "check_run",
    action: "completed",
    payload,
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: main,
    workflowsFrom: main,
    head: { repository, branch: repository.defaultBranch, sha: main },
    actor: bot,
    title: check.name,
  };
}

function pullRequestsOf(urls: Urls, repository: Repository, branch: string | null) {
  const reference = {
    id: repository.id,
    name: repository.name,
    url: `${urls.apiUrl}/repos/${repository.fullName}`,
  };
  return [...repository.pulls.values()]
    .filter(({ state, head }) => state === "open" && head.repository === repository && head.branch === branch)
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${reference.url}/pulls/${pull.number}`,
      head: { ref: pull.head.branch, sha: pull.headSha, repo: reference },
      base: { ref: pull.base, sha: pull.headSha, repo: reference },
    }));
}
