import type { Account, PullRequest, Repository, WorkflowRun } from "../state/model.ts";
import { dependabot } from "../state/store.ts";

export type EventName =
  | "push"
  | "pull_request"
  | "pull_request_target"
  | "workflow_run"
  | "check_run"
  | "merge_group"
  | "schedule"
  | "workflow_dispatch";

/** Something that happened in a repository and that workflows may listen to. */
export interface GitHubEvent {
  readonly repository: Repository;
  readonly name: EventName;
  readonly action: string | undefined;
  /** What a job finds in GITHUB_EVENT_PATH. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** GITHUB_REF and GITHUB_SHA of the jobs: the merge commit for pull_request, the default branch where it decides. */
  readonly ref: string;
  readonly sha: string;
  /** Where the workflow files are read from. */
  readonly workflowsFrom: string;
  /** What a run of it is filed under: the branch and commit that people see. */
  readonly head: { readonly repository: Repository; readonly branch: string | null; readonly sha: string };
  readonly actor: Account;
  readonly title: string;
  /** Paths that changed, for `paths` filters; undefined where GitHub doesn't filter. */
  readonly changed: readonly string[] | undefined;
  readonly pull: PullRequest | undefined;
  readonly completed: WorkflowRun | undefined;
  /** workflow_dispatch: the one workflow file that was asked for, and its inputs. */
  readonly only: string | undefined;
  readonly inputs: Readonly<Record<string, string | boolean>>;
}

/** A pull request from a fork, or Dependabot at work: reading only, no ID token, no secrets, no variables. */
export function isUntrusted({ name, pull, repository, actor }: GitHubEvent): boolean {
  if (actor === dependabot && (name === "push" || name === "pull_request")) return true;
  return name === "pull_request" && pull !== undefined && pull.head.repository !== repository;
}
