import type { MergeGroupChecksRequestedEvent } from "@octokit/webhooks-types";
import type { Part } from "../api/router.ts";
import type { Urls } from "../shapes/repository.ts";
import { commitInfo } from "../state/git.ts";
import type { Account, Repository } from "../state/model.ts";
import { common, defaults } from "./common.ts";
import type { GitHubEvent } from "./event.ts";

/**
 * A merge queue asks for checks of what it would merge: with the files and the commit of the merge group.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#merge_group
 */
export async function mergeGroupEvent(
  urls: Urls,
  repository: Repository,
  group: {
    readonly ref: string;
    readonly sha: string;
    /** Name of the branch that it is to be merged into. */
    readonly base: string;
    readonly baseSha: string;
    readonly actor: Account;
  },
): Promise<GitHubEvent> {
  const { ref, sha, base, baseSha, actor } = group;
  const info = await commitInfo(repository.gitDir, sha);
  const person = { name: info.author.name, email: info.author.email };
  const payload = {
    action: "checks_requested",
    merge_group: {
      head_sha: sha,
      head_ref: ref,
      base_ref: `refs/heads/${base}`,
      base_sha: baseSha,
      head_commit: {
        id: sha,
        tree_id: info.tree,
        message: info.message,
        timestamp: info.author.date,
        author: person,
        committer: person,
      },
    },
    ...common(urls, repository, actor),
  } as const satisfies Part<MergeGroupChecksRequestedEvent>;
  return {
    ...defaults,
    repository,
    name: "merge_group",
    action: "checks_requested",
    payload,
    ref,
    sha,
    workflowsFrom: sha,
    head: { repository, branch: ref.slice("refs/heads/".length), sha },
    actor,
    title: info.message.split("\n")[0] ?? "",
  };
}
