import { readFileSync } from "node:fs";
import * as v from "valibot";
import { ActionError } from "./errors.ts";

/** A repository as events name it. The id counts; names can be given away and taken up again. */
export interface RepositoryRef {
  readonly id: number;
  readonly fullName: string;
}

/** A build run, as a `workflow_run` event or the API tells of it. Source: GitHub, "Webhook events and payloads", workflow_run. */
export interface BuildRun {
  readonly id: number;
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

/** A build that may be put behind the gate, and the repository that it belongs to. */
export interface BuildEvent {
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  readonly run: BuildRun;
}

export interface WorkflowRunEvent extends BuildEvent {
  readonly name: "workflow_run";
}

/** `pull_request` and `pull_request_target`. Source: GitHub, "Webhook events and payloads", pull_request. */
export interface PullRequestEvent {
  readonly name: "pull_request" | "pull_request_target";
  readonly action: string;
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  readonly number: number;
  readonly headSha: string;
  /** Text from outside. */
  readonly headBranch: string;
  /** Null where it was deleted. */
  readonly headRepository: RepositoryRef | null;
  /** When the pull request was opened, in milliseconds since 1970. */
  readonly createdAt: number;
  /** The label that `labeled` and `unlabeled` are about. */
  readonly label?: string;
  /** Login of who did it. */
  readonly sender: string;
}

/** A check came to its end. Source: GitHub, "Webhook events and payloads", check_run. */
export interface CheckRunEvent {
  readonly name: "check_run";
  readonly action: string;
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  /** Slug of the GitHub App whose check it is; GitHub says so, and no app can take another one's. */
  readonly app: string;
  readonly conclusion: string | null;
  readonly headSha: string;
  /** Where the app says more; empty where it names nothing. */
  readonly detailsUrl: string;
  /** Pull requests of this repository with the branch, whatever commit they are at; empty for forks. */
  readonly pullRequests: readonly number[];
}

/** A schedule's time has come, or somebody starts a workflow by hand: about the repository as it stands, not a change. */
export interface StandingEvent {
  readonly name: "schedule" | "workflow_dispatch";
  /** Full ref, such as `refs/heads/main`. A schedule's is the default branch's, by hand it is anybody's choice. */
  readonly ref: string;
}

/** An event of whose payload nothing is read. */
export interface OtherEvent {
  readonly name: "other";
  /** GITHUB_EVENT_NAME. */
  readonly trigger: string;
}

export type GateEvent = WorkflowRunEvent | PullRequestEvent | CheckRunEvent | StandingEvent | OtherEvent;

const repository = v.object({
  id: v.number(),
  full_name: v.pipe(v.string(), v.regex(/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/)),
});
const ownRepository = v.object({
  ...repository.entries,
  default_branch: v.pipe(v.string(), v.nonEmpty()),
});
const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));

const workflowRun = v.object({
  repository: ownRepository,
  workflow_run: v.object({
    id: v.number(),
    event: v.string(),
    status: v.string(),
    conclusion: v.nullable(v.string()),
    head_sha: commit,
    head_branch: v.nullable(v.string()),
    head_repository: v.nullable(repository),
    repository,
    pull_requests: v.array(
      v.object({ number: v.number(), base: v.object({ repo: v.object({ id: v.number() }) }) }),
    ),
  }),
});

const pullRequest = v.object({
  action: v.string(),
  repository: ownRepository,
  pull_request: v.object({
    number: v.pipe(v.number(), v.integer(), v.minValue(1)),
    created_at: v.pipe(v.string(), v.isoTimestamp()),
    head: v.object({ sha: commit, ref: v.string(), repo: v.nullable(repository) }),
  }),
  label: v.optional(v.object({ name: v.string() })),
  sender: v.object({ login: v.string() }),
});

const checkRun = v.object({
  action: v.string(),
  repository: ownRepository,
  check_run: v.object({
    head_sha: commit,
    conclusion: v.nullable(v.string()),
    details_url: v.nullish(v.string(), ""),
    app: v.object({ slug: v.optional(v.string(), "") }),
    pull_requests: v.array(
      v.object({
        number: v.pipe(v.number(), v.integer(), v.minValue(1)),
        base: v.object({ repo: v.object({ id: v.number() }) }),
      }),
    ),
  }),
});

/**
 * Reads the event that started the workflow. Of `schedule` and `workflow_dispatch` the payload is not looked at: a
 * schedule's has held nothing but the cron line, and still does on older servers.
 * @param env GITHUB_EVENT_NAME, GITHUB_EVENT_PATH and GITHUB_REF
 * @throws ActionError event-unreadable, environment-incomplete
 */
export function readEvent(env: Readonly<Record<string, string | undefined>>): GateEvent {
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  const path = env["GITHUB_EVENT_PATH"] ?? "";
  if (name === "schedule" || name === "workflow_dispatch") return standing(name, env["GITHUB_REF"] ?? "");
  if (name === "workflow_run") return workflowRunOf(readPayload(workflowRun, path));
  if (name === "pull_request" || name === "pull_request_target")
    return pullRequestOf(name, readPayload(pullRequest, path));
  if (name === "check_run") return checkRunOf(readPayload(checkRun, path));
  return { name: "other", trigger: name };
}

function readPayload<S extends v.GenericSchema>(schema: S, path: string): v.InferOutput<S> {
  let payload: unknown;
  try {
    payload = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ActionError("event-unreadable", "The file cannot be read as JSON.", { cause });
  }
  const parsed = v.safeParse(schema, payload);
  if (parsed.success) return parsed.output;
  const places = parsed.issues.map((issue) => v.getDotPath(issue) ?? "payload");
  throw new ActionError("event-unreadable", `Missing or odd: ${places.join(", ")}.`);
}

function workflowRunOf(payload: v.InferOutput<typeof workflowRun>): WorkflowRunEvent {
  const run = payload.workflow_run;
  return {
    name: "workflow_run",
    repository: refOf(payload.repository),
    defaultBranch: payload.repository.default_branch,
    run: {
      id: run.id,
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

function pullRequestOf(
  name: PullRequestEvent["name"],
  { action, repository: own, pull_request: pull, label, sender }: v.InferOutput<typeof pullRequest>,
): PullRequestEvent {
  return {
    name,
    action,
    repository: refOf(own),
    defaultBranch: own.default_branch,
    number: pull.number,
    headSha: pull.head.sha,
    headBranch: pull.head.ref,
    headRepository: pull.head.repo === null ? null : refOf(pull.head.repo),
    createdAt: Date.parse(pull.created_at),
    ...(label === undefined ? {} : { label: label.name }),
    sender: sender.login,
  };
}

function checkRunOf({
  action,
  repository: own,
  check_run: check,
}: v.InferOutput<typeof checkRun>): CheckRunEvent {
  return {
    name: "check_run",
    action,
    repository: refOf(own),
    defaultBranch: own.default_branch,
    app: check.app.slug,
    conclusion: check.conclusion,
    headSha: check.head_sha,
    detailsUrl: check.details_url ?? "",
    pullRequests: check.pull_requests
      .filter(({ base }) => base.repo.id === own.id)
      .map(({ number }) => number),
  };
}

function standing(name: StandingEvent["name"], ref: string): StandingEvent {
  if (ref === "") throw new ActionError("environment-incomplete", "GITHUB_REF");
  return { name, ref };
}

function refOf(repo: v.InferOutput<typeof repository>): RepositoryRef {
  return { id: repo.id, fullName: repo.full_name };
}
