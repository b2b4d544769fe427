import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GitHubEvent } from "../events/event.ts";
import type { GitHubStandIn } from "../start.ts";
import type { WorkflowRun } from "../state/model.ts";
import type { Grant } from "../tokens/api-tokens.ts";
import type { Scope } from "./expressions.ts";
import { findFiles } from "./find-files.ts";
import type { Masks } from "./masks.ts";
import type { Progress, StepResult } from "./results.ts";
import type { JobFile, WorkflowFile } from "./workflow-file.ts";

/** What every job of a runner shares. */
export interface Machine {
  readonly github: GitHubStandIn;
  readonly toolbin: string;
  readonly toolCache: string;
  /** The one third-party action that workflows may use, by its whole `uses:` text. */
  readonly action: { readonly ref: string; readonly folder: string };
  readonly environment: Readonly<Record<string, string>>;
}

/** A job while it runs. */
export interface JobContext {
  readonly machine: Machine;
  readonly event: GitHubEvent;
  readonly run: WorkflowRun;
  readonly workflow: WorkflowFile;
  readonly job: JobFile;
  readonly grant: Grant & { readonly kind: "job" };
  readonly token: string;
  /** ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN where the job may have an ID token. */
  readonly idToken: Readonly<Record<string, string>>;
  readonly masks: Masks;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly needs: Readonly<
    Record<string, { readonly result: string; readonly outputs: Readonly<Record<string, string>> }>
  >;
  readonly workspace: string;
  readonly temp: string;
  readonly home: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: Progress) => void;
  /** Grows as steps write GITHUB_ENV and GITHUB_PATH. */
  readonly env: Record<string, string>;
  readonly path: string[];
  readonly steps: StepResult[];
  status: Scope["status"];
}

/** The `github` context. @see https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context */
export function githubContext(
  event: GitHubEvent,
  run: WorkflowRun,
  workflow: WorkflowFile,
  urls: GitHubStandIn,
) {
  const { repository, ref, actor } = event;
  return {
    action_ref: "",
    action_repository: "",
    actor: actor.login,
    actor_id: String(actor.id),
    api_url: urls.apiUrl,
    base_ref: event.pull?.base ?? "",
    event: event.payload,
    event_name: event.name,
    graphql_url: `${urls.apiUrl}/graphql`,
    head_ref: event.pull?.head.branch ?? "",
    ref,
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ""),
    ref_protected: isProtected(event),
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: repository.owner.login,
    repository_owner_id: String(repository.owner.id),
    retention_days: "90",
    run_attempt: String(run.attempt ?? 1),
    run_id: String(run.id),
    run_number: String(run.number),
    server_url: urls.serverUrl,
    sha: event.sha,
    triggering_actor: actor.login,
    workflow: run.workflow.name,
    workflow_ref: workflowRef(event, workflow),
    workflow_sha: event.workflowsFrom,
  };
}

export function workflowRef({ repository, ref }: GitHubEvent, { path }: WorkflowFile): string {
  return `${repository.fullName}/${path}@${ref}`;
}

export function isProtected({ repository, ref }: GitHubEvent): boolean {
  return ref.startsWith("refs/heads/") && repository.protectedBranches.has(ref.slice("refs/heads/".length));
}

/** The variables that the runner itself sets: GITHUB_*, RUNNER_* and little else. */
export function runnerEnvironment(context: JobContext): Record<string, string> {
  const { event, run, workflow, machine, job } = context;
  const { event: _payload, ...plain } = githubContext(event, run, workflow, machine.github);
  const github = Object.fromEntries(
    Object.entries(plain).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
  );
  return {
    ...machine.environment,
    CI: "true",
    HOME: context.home,
    LANG: "C.UTF-8",
    ...github,
    GITHUB_ACTIONS: "true",
    GITHUB_JOB: job.id,
    GITHUB_EVENT_PATH: join(context.temp, "_github_workflow", "event.json"),
    GITHUB_WORKSPACE: context.workspace,
    RUNNER_ARCH: "X64",
    RUNNER_ENVIRONMENT: "github-hosted",
    RUNNER_NAME: "local runner",
    RUNNER_OS: "Linux",
    RUNNER_TEMP: context.temp,
    RUNNER_TOOL_CACHE: machine.toolCache,
    RUNNER_WORKSPACE: join(context.workspace, ".."),
    ...context.idToken,
  };
}

/** What an expression inside a job can see. */
export function jobScope(context: JobContext, env: Readonly<Record<string, string>>): Scope {
  const { event, run, workflow, machine, job } = context;
  const steps = context.steps.map(({ id, outputs, outcome, conclusion }) => [
    id,
    { outputs, outcome, conclusion },
  ]);
  return {
    status: context.status,
    hashFiles: (patterns) => hashFiles(context.workspace, patterns),
    contexts: {
      github: {
        ...githubContext(event, run, workflow, machine.github),
        event_path: join(context.temp, "_github_workflow", "event.json"),
        job: job.id,
        token: context.token,
        workspace: context.workspace,
      },
      env,
      vars: context.variables,
      secrets: context.secrets,
      inputs: event.inputs,
      needs: context.needs,
      steps: Object.fromEntries(steps),
      job: { status: context.status },
      runner: {
        os: "Linux",
        arch: "X64",
        name: "local runner",
        environment: "github-hosted",
        temp: context.temp,
        tool_cache: machine.toolCache,
      },
    },
  };
}

function hashFiles(workspace: string, patterns: readonly string[]): string {
  const digests = findFiles(workspace, patterns).map((file) =>
    createHash("sha256").update(readFileSync(file)).digest(),
  );
  return digests.length === 0 ? "" : createHash("sha256").update(Buffer.concat(digests)).digest("hex");
}
