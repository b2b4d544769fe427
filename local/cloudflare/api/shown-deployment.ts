import type { Deployment, Project } from "../state/model.ts";
import { shownVariables } from "../state/settings.ts";
import type { AccountState } from "../state/state.ts";

interface Stage {
  readonly name: string;
  readonly started_on: string | null;
  readonly ended_on: string | null;
  readonly status: "idle" | "active" | "success" | "failure";
}

/** A deployment as the API shows it at this moment; its URLs come from the project's subdomain. */
export function shownDeployment(
  state: AccountState,
  project: Project,
  deployment: Deployment,
  origin: (host: string) => string,
  now: number,
): unknown {
  const { id, shortId, environment, alias, commit, config, createdAt, upload } = deployment;
  const stages = stagesOf(deployment, now);
  const aliased = alias !== undefined && state.aliased(project.name, alias) === deployment;
  return {
    id,
    short_id: shortId,
    project_id: project.id,
    project_name: project.name,
    environment,
    url: origin(`${shortId}.${project.subdomain}`),
    created_on: new Date(createdAt).toISOString(),
    modified_on: new Date(Math.min(now, deployment.finishedAt)).toISOString(),
    latest_stage: stages.findLast(({ status }) => status !== "idle"),
    deployment_trigger: { type: deployment.trigger, metadata: commit },
    stages,
    build_config: project.buildConfig,
    source: project.source,
    env_vars: shownVariables(config.env_vars),
    compatibility_date: config.compatibility_date,
    compatibility_flags: config.compatibility_flags,
    aliases: aliased ? [origin(`${alias}.${project.subdomain}`)] : null,
    is_skipped: false,
    production_branch: project.productionBranch,
    uses_functions: upload.worker !== undefined,
  };
}

function stagesOf({ createdAt, finishedAt, failure }: Deployment, now: number): Stage[] {
  const began = new Date(createdAt).toISOString();
  const ended = new Date(finishedAt).toISOString();
  const done = now >= finishedAt;
  const early = ["initialize", "clone_repo", "build"].map(
    (name): Stage =>
      done
        ? { name, started_on: began, ended_on: ended, status: "success" }
        : { name, started_on: null, ended_on: null, status: "idle" },
  );
  return [
    { name: "queued", started_on: began, ended_on: done ? began : null, status: done ? "success" : "active" },
    ...early,
    done
      ? {
          name: "deploy",
          started_on: began,
          ended_on: ended,
          status: failure === undefined ? "success" : "failure",
        }
      : { name: "deploy", started_on: null, ended_on: null, status: "idle" },
  ];
}
