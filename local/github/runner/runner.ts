import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GitHubEvent } from "../events/event.ts";
import { workflowRunEvent } from "../events/events.ts";
import type { GitHubStandIn } from "../start.ts";
import { listPath, readBlob } from "../state/git.ts";
import type { Conclusion, WorkflowRun } from "../state/model.ts";
import { interpolate } from "./expressions.ts";
import { githubContext, type Machine } from "./job-context.ts";
import type { JobResult, Progress, RunResult } from "./results.ts";
import { runJob } from "./run-job.ts";
import { createToolbin } from "./toolbin.ts";
import { isTriggered } from "./triggers.ts";
import { readWorkflow, type WorkflowFile } from "./workflow-file.ts";

export interface RunnerOptions {
  readonly github: GitHubStandIn;
  /** What `uses: <ref>` in a workflow runs: a folder with action.yml and dist/, outside any repository. */
  readonly action: { readonly ref: string; readonly folder: string };
  /** RUNNER_TOOL_CACHE of every job; an empty folder of the runner's own where it isn't given. */
  readonly toolCache?: string;
  /** The node_modules that `npm ci` and `npm install` link into the working directory; see toolbin.ts. */
  readonly npm?: { readonly nodeModules: string };
}

export interface RunOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels what runs: SIGINT, then SIGKILL 7.5 s later. */
  readonly signal?: AbortSignal;
}

export interface Runner {
  /** Runs every workflow that the events start, then those that wait for these to complete. In order, one at a time. */
  run(events: readonly GitHubEvent[], options?: RunOptions): Promise<readonly RunResult[]>;
  /** Removes workspaces and all else that jobs left. */
  close(): Promise<void>;
}

/** GitHub lets workflow_run chain three levels deep. */
const deepestChain = 3;

/** Executes workflow files as GitHub's hosted runners do, one job after the other on this machine. */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  const { github, action, npm } = options;
  const folder = await mkdtemp(join(tmpdir(), "runner-"));
  const toolCache = options.toolCache ?? join(folder, "tools");
  await mkdir(toolCache, { recursive: true });
  const toolbin = await createToolbin(join(folder, "bin"), npm?.nodeModules);
  const machine: Machine = { github, toolbin, toolCache, action };
  return {
    async run(events, { onProgress = () => {}, signal } = {}) {
      const results: RunResult[] = [];
      const queue = events.map((event) => ({ event, depth: 0 }));
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const candidate of await triggered(next.event)) {
          const { run, result } = await runWorkflow(
            machine,
            folder,
            next.event,
            candidate,
            onProgress,
            signal,
          );
          results.push(result);
          if (next.depth >= deepestChain) continue;
          queue.push({
            event: await workflowRunEvent(github, next.event.repository, run),
            depth: next.depth + 1,
          });
        }
      }
      return results;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

type Candidate = { readonly path: string } & Awaited<ReturnType<typeof readWorkflow>>;

/** The workflow files that an event starts; a broken one is a failed run, as GitHub shows it. */
async function triggered(event: GitHubEvent): Promise<Candidate[]> {
  const { gitDir } = event.repository;
  const found = await listPath(gitDir, event.workflowsFrom, ".github/workflows");
  const candidates: Candidate[] = [];
  for (const entry of found?.folder ?? []) {
    if (entry.type !== "blob" || !/\.ya?ml$/.test(entry.path)) continue;
    const read = await readWorkflow(entry.path, (await readBlob(gitDir, entry.sha)).toString());
    const wanted =
      "problems" in read ? ["push", "pull_request"].includes(event.name) : isTriggered(read.file, event);
    if (wanted) candidates.push({ path: entry.path, ...read });
  }
  return candidates;
}

async function runWorkflow(
  machine: Machine,
  folder: string,
  event: GitHubEvent,
  candidate: Candidate,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<{ run: WorkflowRun; result: RunResult }> {
  const began = Date.now();
  const { github } = machine;
  const file = "file" in candidate ? candidate.file : undefined;
  const problems = "problems" in candidate ? [...candidate.problems] : [];
  const run = openRun(github, event, candidate.path, file);
  onProgress({ kind: "run-started", workflow: run.workflow.name, event: event.name, runId: run.id });
  const jobs = new Map<string, JobResult>();
  for (const job of file === undefined ? [] : inOrder(file)) {
    const jobFolder = join(folder, String(run.id), job.id);
    const start = {
      machine,
      event,
      run,
      workflow: file as WorkflowFile,
      job,
      done: jobs,
      folder: jobFolder,
      signal,
      onProgress,
    };
    jobs.set(job.id, await runJob(start));
  }
  run.status = "completed";
  run.conclusion = file === undefined ? "startup_failure" : conclusionOf([...jobs.values()]);
  run.updatedAt = github.store.clock.now();
  const result: RunResult = {
    runId: run.id,
    workflow: run.workflow.name,
    path: candidate.path,
    event: event.name,
    action: event.action,
    conclusion: run.conclusion,
    problems,
    jobs: [...jobs.values()],
    url: `${github.serverUrl}/${event.repository.fullName}/actions/runs/${run.id}`,
    seconds: (Date.now() - began) / 1000,
  };
  onProgress({ kind: "run-finished", run: result });
  return { run, result };
}

function openRun(
  github: GitHubStandIn,
  event: GitHubEvent,
  path: string,
  file: WorkflowFile | undefined,
): WorkflowRun {
  const { store } = github;
  const { repository, head, actor } = event;
  const workflow = store.workflow(repository, path, file?.name ?? path);
  const now = store.clock.now();
  const run: WorkflowRun = {
    id: store.nextId(),
    number: repository.runs.filter((other) => other.workflow === workflow).length + 1,
    workflow,
    name: workflow.name,
    title: event.title,
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
  const runName = file?.yaml["run-name"];
  const titled =
    runName === undefined || file === undefined ? run : { ...run, title: titleOf(github, event, run, file) };
  repository.runs.push(titled);
  return titled;
}

function titleOf(github: GitHubStandIn, event: GitHubEvent, run: WorkflowRun, file: WorkflowFile): string {
  const contexts = { github: githubContext(event, run, file, github), inputs: event.inputs };
  return interpolate(file.yaml["run-name"], { contexts, status: "success", hashFiles: () => "" });
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

function conclusionOf(jobs: readonly JobResult[]): Conclusion {
  if (jobs.some(({ conclusion }) => conclusion === "cancelled")) return "cancelled";
  if (jobs.some(({ conclusion }) => conclusion === "failure")) return "failure";
  return jobs.every(({ conclusion }) => conclusion === "skipped") ? "skipped" : "success";
}
