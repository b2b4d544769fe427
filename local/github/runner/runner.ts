import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GitHubEvent } from "../events/event.ts";
import { workflowRunEvent } from "../events/run-events.ts";
import type { GitHubStandIn } from "../start.ts";
import { listPath, readBlob } from "../state/git.ts";
import { ConcurrencyGroups } from "./concurrency.ts";
import type { Machine } from "./job-context.ts";
import type { Progress, RunResult } from "./results.ts";
import { type Candidate, runWorkflow } from "./run-workflow.ts";
import { createToolbin } from "./toolbin.ts";
import { isTriggered } from "./triggers.ts";
import { readWorkflow } from "./workflow-file.ts";

export interface RunnerOptions {
  readonly github: GitHubStandIn;
  /** What `uses: <ref>` in a workflow runs: a folder with action.yml and dist/, outside any repository. */
  readonly action: { readonly ref: string; readonly folder: string };
  /** RUNNER_TOOL_CACHE of every job; an empty folder of the runner's own where it isn't given. */
  readonly toolCache?: string;
  /** The node_modules that `npm ci` and `npm install` link into the working directory; see toolbin.ts. */
  readonly npm?: { readonly nodeModules: string };
  /** What every job finds in its environment besides, as a self-hosted runner has it from its `.env`. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels what runs: SIGINT, then SIGKILL 7.5 s later. */
  readonly signal?: AbortSignal;
  /** The how manieth time that this is run, as after "Re-run all jobs". Default 1. */
  readonly attempt?: number;
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
  const machine: Machine = { github, toolbin, toolCache, action, environment: options.environment ?? {} };
  const shared = { machine, folder, groups: new ConcurrencyGroups() };
  return {
    async run(events, { onProgress = () => {}, signal, attempt = 1 } = {}) {
      const results: RunResult[] = [];
      const queue = events.map((event) => ({ event, depth: 0 }));
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const candidate of await triggered(next.event)) {
          const { event, depth } = next;
          const { run, result } = await runWorkflow({
            ...shared,
            event,
            candidate,
            onProgress,
            signal,
            attempt,
          });
          results.push(result);
          if (depth >= deepestChain) continue;
          queue.push({ event: await workflowRunEvent(github, event.repository, run), depth: depth + 1 });
        }
      }
      return results;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

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
