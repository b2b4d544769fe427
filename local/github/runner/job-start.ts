import type { GitHubEvent } from "../events/event.ts";
import type { WorkflowRun } from "../state/model.ts";
import type { Machine } from "./job-context.ts";
import type { JobResult, Progress } from "./results.ts";
import type { JobFile, WorkflowFile } from "./workflow-file.ts";

/** Everything that a job is started with. */
export interface JobStart {
  readonly machine: Machine;
  readonly event: GitHubEvent;
  readonly run: WorkflowRun;
  readonly workflow: WorkflowFile;
  readonly job: JobFile;
  readonly done: ReadonlyMap<string, JobResult>;
  /** A folder of the job's own. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: Progress) => void;
}
