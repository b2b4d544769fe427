import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isUntrusted } from "../events/event.ts";
import type { Environment } from "../state/model.ts";
import { actionsBot } from "../state/store.ts";
import { idTokenPath } from "../tokens/id-token-server.ts";
import { allows, readPermissions, withoutWrites } from "../tokens/permissions.ts";
import { holds, interpolate, interpolateMap, type Scope } from "./expressions.ts";
import { githubContext, isProtected, type JobContext, jobScope, workflowRef } from "./job-context.ts";
import { admits, closeDeployment, environmentOf, openDeployment } from "./job-environment.ts";
import type { JobStart } from "./job-start.ts";
import { Masks } from "./masks.ts";
import type { JobResult } from "./results.ts";
import { runStep } from "./run-step.ts";
import type { JobFile } from "./workflow-file.ts";

/** Runs one job from its condition to its outputs. Never rejects: what goes wrong is the job's failure. */
export async function runJob(start: JobStart): Promise<JobResult> {
  const began = Date.now();
  const { job, workflow, onProgress } = start;
  const early = earlyScope(start);
  const named = { id: job.id, name: job.id, outputs: {}, steps: [], workspace: undefined, seconds: 0 };
  let result: JobResult;
  try {
    if (!holds(job.condition, early)) {
      return {
        ...named,
        conclusion: start.signal?.aborted === true ? "cancelled" : "skipped",
        reason: undefined,
      };
    }
    onProgress({ kind: "job-started", workflow: workflow.name, job: job.id });
    const name = job.yaml["name"] === undefined ? job.id : interpolate(job.yaml["name"], early);
    result = { ...(await runAdmitted(start, early)), name, seconds: (Date.now() - began) / 1000 };
  } catch (error) {
    result = { ...named, conclusion: "failure", reason: (error as Error).message };
  }
  onProgress({ kind: "job-finished", workflow: workflow.name, job: result });
  return result;
}

/** What a job's `if`, `name` and `environment` can see: no secrets, no steps, no environment's variables. */
function earlyScope({ event, run, workflow, machine, job, done, signal }: JobStart): Scope {
  const failed = job.needs.some((need) => done.get(need)?.conclusion !== "success");
  return {
    status: signal?.aborted === true ? "cancelled" : failed ? "failure" : "success",
    hashFiles: () => "",
    contexts: {
      github: githubContext(event, run, workflow, machine.github),
      needs: needsOf(job, done),
      vars: isUntrusted(event) ? {} : Object.fromEntries(event.repository.variables),
      inputs: event.inputs,
    },
  };
}

function needsOf(job: JobFile, done: ReadonlyMap<string, JobResult>): JobContext["needs"] {
  const entries = job.needs.map((need) => {
    const { conclusion = "skipped", outputs = {} } = done.get(need) ?? {};
    return [need, { result: conclusion, outputs }] as const;
  });
  return Object.fromEntries(entries);
}

async function runAdmitted(start: JobStart, early: Scope): Promise<JobResult> {
  const { machine, event, run, workflow, job } = start;
  const { github } = machine;
  const { repository } = event;
  const environment = environmentOf(start, early);
  if (environment !== undefined && !admits(environment, event)) {
    const name = event.ref.replace(/^refs\/(heads|tags)\//, "");
    throw new Error(
      `Branch "${name}" is not allowed to deploy to ${environment.name} due to environment protection rules.`,
    );
  }
  if (environment !== undefined && environment.reviewers.length > 0)
    throw new Error(`${environment.name} waits for a review, and nobody is here to give it.`);
  const untrusted = isUntrusted(event);
  const written = readPermissions(job.yaml["permissions"] ?? workflow.yaml["permissions"]);
  const permissions = untrusted ? withoutWrites(written) : written;
  const grant = { kind: "job", repository, permissions, account: actionsBot } as const;
  const token = github.tokens.issue(grant);
  const requestToken = allows(permissions, "id-token", "write")
    ? github.idTokens.open({
        repository,
        run,
        event: event.name,
        ref: event.ref,
        sha: event.sha,
        headRef: event.pull?.head.branch ?? "",
        baseRef: event.pull?.base ?? "",
        refProtected: isProtected(event),
        environment: environment?.name,
        workflowRef: workflowRef(event, workflow),
        workflowSha: event.workflowsFrom,
        actor: event.actor,
      })
    : undefined;
  const context = await contextOf(start, { grant, token, requestToken, environment, untrusted });
  const deployment = environment === undefined ? undefined : openDeployment(start, environment);
  try {
    for (const [index, step] of job.steps.entries()) await runStep(context, step, index);
    const conclusion = context.status;
    return {
      id: job.id,
      name: job.id,
      conclusion,
      reason: undefined,
      outputs: outputsOf(context),
      steps: context.steps,
      workspace: context.workspace,
      seconds: 0,
    };
  } finally {
    if (deployment !== undefined) closeDeployment(start, deployment, context);
    github.tokens.revoke(token);
    if (requestToken !== undefined) github.idTokens.close(requestToken);
  }
}

interface Given {
  readonly grant: JobContext["grant"];
  readonly token: string;
  readonly requestToken: string | undefined;
  readonly environment: Environment | undefined;
  readonly untrusted: boolean;
}

async function contextOf(start: JobStart, given: Given): Promise<JobContext> {
  const { machine, event, run, job, workflow, folder, done } = start;
  const { grant, token, requestToken, environment, untrusted } = given;
  const { repository } = event;
  const secrets = untrusted
    ? {}
    : { ...Object.fromEntries(repository.secrets), ...Object.fromEntries(environment?.secrets ?? []) };
  const variables = untrusted
    ? {}
    : { ...Object.fromEntries(repository.variables), ...Object.fromEntries(environment?.variables ?? []) };
  const masks = new Masks();
  for (const secret of [...Object.values(secrets), token, requestToken ?? ""]) masks.add(secret);
  const workspace = join(folder, "work", repository.name, repository.name);
  const temp = join(folder, "work", "_temp");
  const home = join(folder, "home");
  for (const path of [workspace, join(temp, "_github_workflow"), home])
    await mkdir(path, { recursive: true });
  await writeFile(join(temp, "_github_workflow", "event.json"), JSON.stringify(event.payload));
  const idToken =
    requestToken === undefined
      ? undefined
      : {
          ACTIONS_ID_TOKEN_REQUEST_URL: `${machine.github.idTokenUrl}${idTokenPath(run.id)}?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
        };
  const context: JobContext = {
    machine,
    event,
    run,
    workflow,
    job,
    grant,
    token,
    idToken: idToken ?? {},
    masks,
    secrets: { ...secrets, GITHUB_TOKEN: token },
    variables,
    needs: needsOf(job, done),
    workspace,
    temp,
    home,
    signal: start.signal,
    onProgress: start.onProgress,
    env: {},
    path: [machine.toolbin],
    steps: [],
    status: start.signal?.aborted === true ? "cancelled" : "success",
  };
  Object.assign(context.env, interpolateMap(workflow.yaml["env"], jobScope(context, {})));
  Object.assign(context.env, interpolateMap(job.yaml["env"], jobScope(context, context.env)));
  return context;
}

/** A job's outputs; one that holds a secret is left out, as GitHub leaves it out. */
function outputsOf(context: JobContext): Record<string, string> {
  const outputs = interpolateMap(context.job.yaml["outputs"], jobScope(context, context.env));
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => !context.masks.covers(value)));
}
