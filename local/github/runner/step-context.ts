import type { OutputReader } from "./commands.ts";
import type { Scope } from "./expressions.ts";
import type { JobContext } from "./job-context.ts";
import type { StepFile } from "./workflow-file.ts";

/** What a step's own code works with. */
export interface StepContext {
  readonly job: JobContext;
  readonly step: StepFile;
  readonly scope: Scope;
  /** The process's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly with: Readonly<Record<string, string>>;
  readonly output: OutputReader;
  readonly signal: AbortSignal | undefined;
  /** True for steps with always() that come after the job was cancelled: nothing cancels them again. */
  readonly startedCancelled: boolean;
}

/** How it ended; outputs of steps that are no process come with it. */
export interface StepEnd {
  readonly ok: boolean;
  readonly cancelled?: boolean;
  readonly exitCode?: number;
  readonly outputs?: Readonly<Record<string, string>>;
}
