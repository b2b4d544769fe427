import type { ActionContext } from "../context.ts";
import type { BuildEvent, PullRequestEvent } from "../event.ts";
import { type Nothing, nothing } from "./which-run.ts";

/**
 * The form in one job, on `pull_request`: this very run built the site and uploaded the artifact. Its workflow file is
 * the pull request's, so it says loudly who may use this job's credentials.
 */
export function buildOfThisRun(
  { runner, log }: ActionContext,
  event: PullRequestEvent,
): BuildEvent | Nothing {
  const { repository, defaultBranch, headRepository, headSha, headBranch, number } = event;
  if (headRepository?.id !== repository.id)
    return nothing("fork", "In one job, pull requests from forks get no preview: they have no secrets.");
  log.warning(
    "Whoever may push a branch may use this job's credentials",
    "On `pull_request` the workflow file is the pull request's own. Split it as docs/forks.md says, so that only the default branch's file sees the Cloudflare token.",
  );
  const run = {
    id: runner.runId,
    event: "pull_request",
    status: "completed",
    conclusion: "success",
    headSha,
    headBranch,
    headRepository,
    repository,
    pullRequests: [number],
  };
  return { repository, defaultBranch, run };
}
