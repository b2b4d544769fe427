import { readFileSync } from "node:fs";
import * as v from "valibot";
import { ActionError } from "./errors.ts";

/** A repository as events name it. The id counts; names can be given away and taken up again. */
export interface RepositoryRef {
  readonly id: number;
  readonly fullName: string;
}

/** The build run that a `workflow_run` event tells of. Source: GitHub, "Webhook events and payloads", workflow_run. */
export interface BuildRun {
  readonly id: number;
  readonly workflowPath: string;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly headSha: string;
  /** Branch or tag, of whichever repository; text from outside. */
  readonly headBranch: string | null;
  readonly headRepository: RepositoryRef | null;
  readonly repository: RepositoryRef;
  /** Numbers that the event lists; empty for forks. */
  readonly pullRequests: readonly number[];
}

export interface WorkflowRunEvent {
  readonly name: "workflow_run";
  readonly action: string;
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  readonly run: BuildRun;
}

/** An event of whose payload nothing is read. */
export interface OtherEvent {
  readonly name: "other";
  /** GITHUB_EVENT_NAME. */
  readonly trigger: string;
}

export type GateEvent = WorkflowRunEvent | OtherEvent;

const repository = v.object({
  id: v.number(),
  full_name: v.pipe(v.string(), v.regex(/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/)),
});

const workflowRun = v.object({
  action: v.string(),
  repository: v.object({ ...repository.entries, default_branch: v.pipe(v.string(), v.nonEmpty()) }),
  workflow: v.object({ path: v.string() }),
  workflow_run: v.object({
    id: v.number(),
    path: v.string(),
    event: v.string(),
    status: v.string(),
    conclusion: v.nullable(v.string()),
    head_sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
    head_branch: v.nullable(v.string()),
    head_repository: v.nullable(repository),
    repository,
    pull_requests: v.array(
      v.object({ number: v.number(), base: v.object({ repo: v.object({ id: v.number() }) }) }),
    ),
  }),
});

/**
 * Reads the event that started the workflow.
 * @param name GITHUB_EVENT_NAME
 * @param path GITHUB_EVENT_PATH
 * @throws ActionError event-unreadable
 */
export function readEvent(name: string, path: string): GateEvent {
  if (name !== "workflow_run") return { name: "other", trigger: name };
  let payload: unknown;
  try {
    payload = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ActionError("event-unreadable", "The file cannot be read as JSON.", { cause });
  }
  const parsed = v.safeParse(workflowRun, payload);
  if (!parsed.success) {
    const places = parsed.issues.map((issue) => v.getDotPath(issue) ?? "payload");
    throw new ActionError("event-unreadable", `Missing or odd: ${places.join(", ")}.`);
  }
  return eventOf(parsed.output);
}

function eventOf(payload: v.InferOutput<typeof workflowRun>): WorkflowRunEvent {
  const run = payload.workflow_run;
  return {
    name: "workflow_run",
    action: payload.action,
    repository: refOf(payload.repository),
    defaultBranch: payload.repository.default_branch,
    run: {
      id: run.id,
      workflowPath: run.path,
      event: run.event,
      status: run.status,
      conclusion: run.conclusion,
      headSha: run.head_sha,
      headBranch: run.head_branch,
      headRepository: run.head_repository === null ? null : refOf(run.head_repository),
      repository: refOf(run.repository),
      pullRequests: run.pull_requests
        .filter(({ base }) => base.repo.id === payload.repository.id)
        .map(({ number }) => number),
    },
  };
}

function refOf(repo: v.InferOutput<typeof repository>): RepositoryRef {
  return { id: repo.id, fullName: repo.full_name };
}
