import type { Schema } from "@octokit/webhooks-types";
import type { Part } from "../api/router.ts";
import { repositoryShape, type Urls, userShape } from "../shapes/repository.ts";
import { resolveCommit } from "../state/git.ts";
import type { Account, Repository } from "../state/model.ts";

/** What most events don't have. */
export const defaults = {
  action: undefined,
  changed: undefined,
  pull: undefined,
  completed: undefined,
  only: undefined,
  inputs: {},
} as const;

/** Payload fields that every event has. */
export function common(urls: Urls, repository: Repository, actor: Account) {
  return {
    repository: repositoryShape(urls, repository),
    sender: userShape(urls, actor),
  } satisfies Part<Schema>;
}

/** Commit at the tip of a branch. @throws Error where there is no such branch */
export async function tip(repository: Repository, branch: string): Promise<string> {
  const sha = await resolveCommit(repository.gitDir, `refs/heads/${branch}`);
  if (sha === undefined) throw new Error(`${repository.fullName} has no branch ${branch}`);
  return sha;
}
