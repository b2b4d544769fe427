import type { GitHubEvent } from "../events/event.ts";
import { retireOlder } from "../routes/deployments.ts";
import type { Deployment, DeploymentState, Environment } from "../state/model.ts";
import { actionsBot } from "../state/store.ts";
import { interpolate, type Scope } from "./expressions.ts";
import { isProtected, type JobContext, jobScope } from "./job-context.ts";
import type { JobStart } from "./job-start.ts";
import { matchesAny } from "./patterns.ts";
import { map } from "./workflow-file.ts";

/** The environment that a job names, if it names one. */
export function environmentOf({ event, job, machine }: JobStart, early: Scope): Environment | undefined {
  const yaml = job.yaml["environment"];
  if (yaml === undefined) return undefined;
  const name = interpolate(typeof yaml === "string" ? yaml : map(yaml)["name"], early);
  return name === "" ? undefined : machine.github.store.environment(event.repository, name);
}

/** The branch rule, against the ref that the job runs on: for pull_request that is `refs/pull/N/merge`. */
export function admits({ branches }: Environment, event: GitHubEvent): boolean {
  if (branches === "all") return true;
  if (branches === "protected") return isProtected(event);
  const branch = /^refs\/heads\/(.+)$/.exec(event.ref)?.[1];
  return matchesAny(branches, branch ?? event.ref);
}

/** GitHub files a deployment for every job that names an environment. */
export function openDeployment({ machine, event }: JobStart, environment: Environment): Deployment {
  const { store } = machine.github;
  const deployment: Deployment = {
    id: store.nextId(),
    sha: event.sha,
    ref: event.ref.replace(/^refs\/(heads|tags)\//, ""),
    task: "deploy",
    environment: environment.name,
    payload: {},
    description: null,
    transient: false,
    production: false,
    creator: actionsBot,
    createdAt: store.clock.now(),
    statuses: [],
  };
  event.repository.deployments.push(deployment);
  return deployment;
}

/** Its end: the job's, with the address that `environment.url` names. */
export function closeDeployment(
  { machine, event, run, job }: JobStart,
  deployment: Deployment,
  context: JobContext,
): void {
  const { store, serverUrl } = machine.github;
  const state: DeploymentState = context.status === "success" ? "success" : "failure";
  deployment.statuses.push({
    id: store.nextId(),
    state,
    description: "",
    environmentUrl: interpolate(map(job.yaml["environment"])["url"], jobScope(context, context.env)),
    logUrl: `${serverUrl}/${event.repository.fullName}/actions/runs/${run.id}`,
    creator: actionsBot,
    createdAt: store.clock.now(),
  });
  if (state === "success") retireOlder(store, event.repository, deployment);
}
