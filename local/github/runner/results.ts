import type { Conclusion } from "../state/model.ts";

export interface Annotation {
  readonly level: "error" | "warning" | "notice" | "debug";
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface StepResult {
  readonly id: string;
  readonly name: string;
  /** What came of it before, and after, `continue-on-error`. */
  readonly outcome: StepConclusion;
  readonly conclusion: StepConclusion;
  readonly outputs: Readonly<Record<string, string>>;
  /** Everything it printed, masked. */
  readonly log: string;
  /** Markdown of GITHUB_STEP_SUMMARY, masked. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Of its process; undefined where there was none. */
  readonly exitCode: number | undefined;
  readonly seconds: number;
}

export type StepConclusion = "success" | "failure" | "cancelled" | "skipped";

export interface JobResult {
  readonly id: string;
  readonly name: string;
  readonly conclusion: StepConclusion;
  /** Why it failed before its first step. */
  readonly reason: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepResult[];
  /** GITHUB_WORKSPACE; there until the runner is closed. */
  readonly workspace: string | undefined;
  readonly seconds: number;
}

export interface RunResult {
  readonly runId: number;
  /** The workflow's name and file. */
  readonly workflow: string;
  readonly path: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly conclusion: Conclusion;
  /** Why no job ran: the file is invalid. */
  readonly problems: readonly string[];
  readonly jobs: readonly JobResult[];
  readonly url: string;
  readonly seconds: number;
}

/** What happens while workflows run, for whoever shows it. Texts are masked. */
export type Progress =
  | {
      readonly kind: "run-started";
      readonly workflow: string;
      readonly event: string;
      readonly runId: number;
    }
  | { readonly kind: "job-started"; readonly workflow: string; readonly job: string }
  | { readonly kind: "step-started"; readonly workflow: string; readonly job: string; readonly step: string }
  | {
      readonly kind: "line";
      readonly workflow: string;
      readonly job: string;
      readonly step: string;
      readonly text: string;
    }
  | {
      readonly kind: "step-finished";
      readonly workflow: string;
      readonly job: string;
      readonly step: StepResult;
    }
  | { readonly kind: "job-finished"; readonly workflow: string; readonly job: JobResult }
  /** The process of an action that is no part of this runner. */
  | { readonly kind: "action-started"; readonly action: string; readonly pid: number }
  | { readonly kind: "run-finished"; readonly run: RunResult };
