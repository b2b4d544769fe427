export { secondaryRateLimit } from "./api/errors.ts";
export { readFolder } from "./events/activity.ts";
export type { GitHubEvent } from "./events/event.ts";
export { scheduleEvent, workflowDispatchEvent } from "./events/run-events.ts";
export type { JobResult, Progress, RunResult, StepResult } from "./runner/results.ts";
export { createRunner, type Runner, type RunnerOptions, type RunOptions } from "./runner/runner.ts";
export { type GitHubOptions, type GitHubStandIn, startGitHub } from "./start.ts";
export type { Files } from "./state/git-write.ts";
export type { Repository } from "./state/model.ts";
