import type { PullRequestFacts } from "../clients/github-model.ts";
import type { BuildEvent } from "../event.ts";

/** What the API says about the repository when the decision is made. */
export interface RepositoryFacts {
  /** Commit at the tip of the default branch. */
  readonly tip: string;
  /** Commit that a tag named like the default branch points at; `unknown` where there is one that can't be told. */
  readonly tagOfThatName?: string;
  /** Open pull requests that GitHub finds for the run's head branch. */
  readonly pullRequests: readonly PullRequestFacts[];
  /** The run's commit is a fork's, and somebody with write access approved it. */
  readonly forkApproved?: boolean;
}

/** The label by which a fork's commit is approved. */
export const forkLabel = "entra-gate";

/** What a build run may deploy. `nothing` is no failure: the run simply has no business here. */
export type RunDecision =
  | { readonly kind: "production"; readonly commit: string }
  | {
      readonly kind: "preview";
      readonly commit: string;
      readonly pullRequest: number;
      readonly title: string;
      /** Of a fork: only static files are deployed. */
      readonly fork: boolean;
    }
  /** A merge queue's trial: rehearsed, and nothing is deployed. */
  | { readonly kind: "merge"; readonly commit: string }
  | Nothing;

export type Deployable = Exclude<RunDecision, { readonly kind: "nothing" | "merge" }>;

export interface Nothing {
  readonly kind: "nothing";
  readonly reason: NothingReason;
  readonly explanation: string;
}

export type NothingReason =
  | "not-completed"
  | "not-successful"
  | "foreign-repository"
  | "fork"
  | "other-event"
  | "other-branch"
  | "tag"
  | "superseded"
  | "no-pull-request"
  | "no-fork"
  | "no-approval"
  | "no-build-yet"
  | "newer-commit"
  | "other-check"
  | "not-built-here"
  | "other-project"
  | "build-failed";

/**
 * Decides what a build run may deploy, from the event and GitHub's API alone; nothing that a pull request can write
 * (branch name, artifact) has a say. The gate workflow's own `workflows:` filter has chosen the build workflow; for production it is the default branch's, since the commit is that branch's tip.
 * Source: GitHub, "Events that trigger workflows" (workflow_run), and the design's "The action".
 */
export function decideRun(event: BuildEvent, facts: RepositoryFacts): RunDecision {
  const { run } = event;
  if (run.status !== "completed") return nothing("not-completed", "The build run has not completed.");
  if (run.event === "merge_group") return decideMerge(event);
  if (run.conclusion !== "success") return nothing("not-successful", "The build run did not succeed.");
  if (run.repository.id !== event.repository.id)
    return nothing("foreign-repository", "The build run belongs to another repository.");
  if (run.event === "push") return decidePush(event, facts);
  if (run.event === "pull_request") return decidePullRequest(event, facts);
  return nothing(
    "other-event",
    "The build run was started neither by a push, a pull request nor a merge queue.",
  );
}

/** The queue waits for a status whatever became of the build, so a failed one is decided here, too. */
function decideMerge({ run, repository }: BuildEvent): RunDecision {
  if (run.repository.id !== repository.id || run.headRepository?.id !== repository.id)
    return nothing("foreign-repository", "The build run belongs to another repository.");
  if (run.headBranch?.startsWith("gh-readonly-queue/") !== true)
    return nothing("other-branch", "The build run is of no merge queue's branch.");
  return { kind: "merge", commit: run.headSha };
}

function decidePush(event: BuildEvent, facts: RepositoryFacts): RunDecision {
  const { run } = event;
  if (run.headRepository?.id !== event.repository.id)
    return nothing("fork", "The pushed branch is another repository's.");
  if (run.headBranch !== event.defaultBranch)
    return nothing("other-branch", "The push was not to the default branch.");
  if (run.headSha !== facts.tip)
    return nothing(
      "superseded",
      "The default branch has moved on since; its newest commit is deployed by its own run.",
    );
  if (facts.tagOfThatName === run.headSha || facts.tagOfThatName === "unknown")
    return nothing(
      "tag",
      "A tag has the default branch's name, so this run may be the tag's. Delete the tag.",
    );
  return { kind: "production", commit: run.headSha };
}

function decidePullRequest(event: BuildEvent, facts: RepositoryFacts): RunDecision {
  const { run, repository } = event;
  const head = run.headRepository;
  const fork = head?.id !== repository.id;
  if (head === null || (fork && facts.forkApproved !== true))
    return nothing("fork", "Pull requests from forks get no preview, unless this very commit was approved.");
  const own = facts.pullRequests.filter(
    (pull) =>
      pull.state === "open" &&
      pull.headRepositoryId === head.id &&
      pull.baseRepositoryId === repository.id &&
      (!fork || pull.labels.includes(forkLabel)),
  );
  if (own.length === 0)
    return nothing("no-pull-request", "No open pull request, of a fork with its label, has this branch.");
  const current = own.filter((pull) => pull.headSha === run.headSha);
  const named = current.filter((pull) => run.pullRequests.includes(pull.number));
  const chosen = (named.length > 0 ? named : current).toSorted((a, b) => a.number - b.number)[0];
  if (chosen === undefined)
    return nothing("superseded", "The pull request has a newer commit; that one is deployed by its own run.");
  return { kind: "preview", commit: run.headSha, pullRequest: chosen.number, title: chosen.title, fork };
}

export function nothing(reason: NothingReason, explanation: string): Nothing {
  return { kind: "nothing", reason, explanation };
}

/** The Pages branch of a pull request's deployments, whatever its head branch is called. */
export function previewBranch(pullRequest: number): string {
  return `pr-${pullRequest}`;
}
