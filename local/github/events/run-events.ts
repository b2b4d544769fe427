import type { WorkflowDispatchEvent, WorkflowRunCompletedEvent } from "@octokit/webhooks-types";
import type { Part } from "../api/router.ts";
import type { Urls } from "../shapes/repository.ts";
import { runShape, workflowShape } from "../shapes/run.ts";
import { commitInfo, resolveCommit } from "../state/git.ts";
import type { Account, Repository, WorkflowRun } from "../state/model.ts";
import { common, defaults, tip } from "./common.ts";
import type { GitHubEvent } from "./event.ts";

/** A run came to its end: listened to by the default branch's workflows, with the default branch's commit. */
export async function workflowRunEvent(
  urls: Urls,
  repository: Repository,
  run: WorkflowRun,
): Promise<GitHubEvent> {
  const main = await tip(repository, repository.defaultBranch);
  const payload = {
    action: "completed",
    workflow_run: runShape(urls, repository, run, await commitInfo(run.headRepository.gitDir, run.headSha)),
    workflow: workflowShape(urls, repository, run.workflow),
    ...common(urls, repository, run.actor),
  } as const satisfies Part<Omit<WorkflowRunCompletedEvent, "workflow_run">> & { workflow_run: unknown };
  return {
    ...defaults,
    repository,
    name: "workflow_run",
    action: "completed",
    payload,
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: main,
    workflowsFrom: main,
    head: { repository, branch: repository.defaultBranch, sha: main },
    actor: run.actor,
    title: run.title,
    completed: run,
  };
}

/**
 * The time of a schedule has come. github.com sends the repository, too, since 2022; what runs on its Enterprise Server
 * finds the cron line alone, so that nothing may depend on more.
 * @param actor who last changed the cron line in the workflow file
 */
export async function scheduleEvent(
  repository: Repository,
  cron: string,
  actor: Account,
): Promise<GitHubEvent> {
  const main = await tip(repository, repository.defaultBranch);
  return {
    ...defaults,
    repository,
    name: "schedule",
    payload: { schedule: cron },
    ref: `refs/heads/${repository.defaultBranch}`,
    sha: main,
    workflowsFrom: main,
    head: { repository, branch: repository.defaultBranch, sha: main },
    actor,
    title: "Scheduled",
  };
}

export async function workflowDispatchEvent(
  urls: Urls,
  repository: Repository,
  wanted: {
    readonly path: string;
    readonly ref: string;
    readonly inputs: Readonly<Record<string, string | boolean>>;
    readonly actor: Account;
  },
): Promise<GitHubEvent> {
  const { path, ref, inputs, actor } = wanted;
  const sha = await resolveCommit(repository.gitDir, ref);
  if (sha === undefined) throw new Error(`${repository.fullName} has no ref ${ref}`);
  const texts = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
  const payload = {
    inputs: texts,
    ref,
    workflow: path,
    ...common(urls, repository, actor),
  } satisfies Part<WorkflowDispatchEvent>;
  return {
    ...defaults,
    repository,
    name: "workflow_dispatch",
    payload,
    ref,
    sha,
    workflowsFrom: sha,
    head: { repository, branch: ref.replace(/^refs\/(heads|tags)\//, ""), sha },
    actor,
    title: path,
    only: path,
    inputs,
  };
}
