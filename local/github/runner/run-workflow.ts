import { join } from "node:path";
import type { GitHubEvent } from "../events/event.ts";
import type { GitHubStandIn } from "../start.ts";
import type { Conclusion, WorkflowRun } from "../state/model.ts";
import type { ConcurrencyGroups } from "./concurrency.ts";
import { interpolate, type Scope } from "./expressions.ts";
import { githubContext, type Machine } from "./job-context.ts";
import type { JobResult, Progress, RunResult } from "./results.ts";
import { runJob } from "./run-job.ts";
import { map, type readWorkflow, type WorkflowFile } from "./workflow-file.ts";

/** A workflow file that an event starts, or what is wrong with it. */
export type Candidate = { readonly path: string } & Awaited<ReturnType<typeof readWorkflow>>;

export interface WorkflowStart {
  readonly machine: Machine;
  /** Where jobs get folders of their own. */
  readonly folder: string;
  readonly groups: ConcurrencyGroups;
  readonly event: GitHubEvent;
  readonly candidate: Candidate;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal | undefined;
  readonly attempt: number;
}

/** Runs one workflow: waits for its concurrency group, then job after job; files the run where the API finds it. */
export async function runWorkflow(start: WorkflowStart): Promise<{ run: WorkflowRun; result: RunResult }> {
  const began = Date.now();
  const { machine, event, candidate, onProgress, attempt } = start;
  const { github } = machine;
  const file = "file" in candidate ? candidate.file : undefined;
  const run = openRun(github, event, candidate.path, file, attempt);
  onProgress({ kind: "run-started", workflow: run.workflow.name, event: event.name, runId: run.id });
  const jobs = file === undefined ? [] : await runJobs(start, run, file);
  run.shown = jobs ?? [];
  run.status = "completed";
  run.conclusion = file === undefined ? "startup_failure" : conclusionOf(jobs);
  run.updatedAt = github.store.clock.now();
  const result: RunResult = {
    runId: run.id,
    workflow: run.workflow.name,
    path: candidate.path,
    event: event.name,
    action: event.action,
    conclusion: run.conclusion,
    problems: "problems" in candidate ? candidate.problems : [],
    jobs: jobs ?? [],
    url: `${github.serverUrl}/${event.repository.fullName}/actions/runs/${run.id}`,
    seconds: (Date.now() - began) / 1000,
  };
  onProgress({ kind: "run-finished", run: result });
  return { run, result };
}

/** The jobs' results in the order they ran; undefined where a newer run of the group took this one's place. */
async function runJobs(
  start: WorkflowStart,
  run: WorkflowRun,
  workflow: WorkflowFile,
): Promise<JobResult[] | undefined> {
  const { machine, event, folder, groups, onProgress } = start;
  const { name, cancels } = groupOf(start, run, workflow);
  const place = await groups.enter(name, cancels);
  if (place === undefined) return undefined;
  const signals = [start.signal, place.signal].filter((signal) => signal !== undefined);
  const signal = signals.length === 0 ? undefined : AbortSignal.any(signals);
  const done = new Map<string, JobResult>();
  try {
    for (const job of inOrder(workflow)) {
      const jobFolder = join(folder, String(run.id), job.id);
      const result = await runJob({
        machine,
        event,
        run,
        workflow,
        job,
        done,
        folder: jobFolder,
        signal,
        onProgress,
      });
      done.set(job.id, result);
    }
  } finally {
    place.release();
  }
  return [...done.values()];
}

function groupOf({ machine, event }: WorkflowStart, run: WorkflowRun, workflow: WorkflowFile) {
  const yaml = workflow.yaml["concurrency"];
  if (yaml === undefined) return { name: undefined, cancels: false };
  const scope = runScope(machine.github, event, run, workflow);
  const group = interpolate(typeof yaml === "string" ? yaml : map(yaml)["group"], scope).toLowerCase();
  const cancels = interpolate(map(yaml)["cancel-in-progress"], scope) === "true";
  return { name: `${event.repository.id}:${group}`, cancels };
}

function openRun(
  github: GitHubStandIn,
  event: GitHubEvent,
  path: string,
  file: WorkflowFile | undefined,
  attempt: number,
): WorkflowRun {
  const { store } = github;
  const { repository, head, actor } = event;
  const workflow = store.workflow(repository, path, file?.name ?? path);
  const now = store.clock.now();
  const untitled: WorkflowRun = {
    id: store.nextId(),
    number: repository.runs.filter((other) => other.workflow === workflow).length + 1,
    workflow,
    name: workflow.name,
    title: event.title,
    attempt,
    event: event.name,
    headBranch: head.branch,
    headSha: head.sha,
    headRepository: head.repository,
    actor,
    createdAt: now,
    updatedAt: now,
    status: "in_progress",
    conclusion: null,
  };
  const title = file?.yaml["run-name"];
  const run =
    file === undefined || title === undefined
      ? untitled
      : { ...untitled, title: interpolate(title, runScope(github, event, untitled, file)) };
  repository.runs.push(run);
  return run;
}

/** What `run-name` and `concurrency` can see. */
function runScope(github: GitHubStandIn, event: GitHubEvent, run: WorkflowRun, file: WorkflowFile): Scope {
  const contexts = { github: githubContext(event, run, file, github), inputs: event.inputs };
  return { contexts, status: "success", hashFiles: () => "" };
}

/** Jobs such that each comes after those it needs; the parser has refused circles. */
function inOrder(file: WorkflowFile) {
  const left = [...file.jobs];
  const ordered: typeof left = [];
  while (left.length > 0) {
    const index = left.findIndex((job) => job.needs.every((need) => ordered.some(({ id }) => id === need)));
    const [job] = left.splice(Math.max(index, 0), 1);
    if (job !== undefined) ordered.push(job);
  }
  return ordered;
}

function conclusionOf(jobs: readonly JobResult[] | undefined): Conclusion {
  if (jobs === undefined) return "cancelled";
  if (jobs.some(({ conclusion }) => conclusion === "cancelled")) return "cancelled";
  if (jobs.some(({ conclusion }) => conclusion === "failure")) return "failure";
  return jobs.every(({ conclusion }) => conclusion === "skipped") ? "skipped" : "success";
}
