import type { Deployment, Project } from "../state/model.ts";
import { type AccountState, succeeded } from "../state/state.ts";
import { readDeploymentForm, uploadProblem } from "./deployment-form.ts";
import { ApiError, type ApiResult, errors, paged } from "./envelope.ts";
import type { Projects, SiteHosts } from "./projects.ts";
import type { ApiRequest } from "./request.ts";
import { shownDeployment } from "./shown-deployment.ts";

/** `…/projects/{name}/deployments` and below. */
export class Deployments {
  readonly #state: AccountState;
  readonly #projects: Projects;
  readonly #hosts: SiteHosts;

  constructor(state: AccountState, projects: Projects, hosts: SiteHosts) {
    this.#state = state;
    this.#projects = projects;
    this.#hosts = hosts;
  }

  list(projectName: string, request: ApiRequest): ApiResult {
    const project = this.#projects.find(projectName);
    const environment = request.query.get("env");
    if (environment !== null && environment !== "preview" && environment !== "production")
      throw errors.paging();
    const listed = this.#state
      .listed(projectName)
      .filter((deployment) => environment === null || deployment.environment === environment);
    return paged(listed, request.query, 25, (deployment) => this.#shown(project, deployment));
  }

  get(projectName: string, id: string): ApiResult {
    const project = this.#projects.find(projectName);
    return { result: this.#shown(project, this.#find(projectName, id)) };
  }

  async create(projectName: string, request: ApiRequest): Promise<ApiResult> {
    const project = this.#projects.find(projectName);
    const form = await readDeploymentForm(request);
    const problem = uploadProblem(form.upload, (hash) => this.#state.assets.has(hash));
    const misfortune =
      problem === undefined
        ? this.#state.takeMisfortune(projectName)
        : ({ kind: "failed", line: problem } as const);
    const commit = {
      branch: form.branch === "" ? project.productionBranch : form.branch,
      commit_hash: form.commitHash,
      commit_message: form.commitMessage,
      commit_dirty: form.commitDirty,
    };
    const deployment = this.#state.deploy(project, commit, form.upload, misfortune);
    if (misfortune?.kind === "doubled")
      throw new ApiError(
        500,
        8000000,
        "An unknown error occurred. Contact your account team or Cloudflare support.",
      );
    return { result: this.#shown(project, deployment) };
  }

  /** The live production deployment can't be deleted, one that an alias answers with only by force. */
  remove(projectName: string, id: string, request: ApiRequest): ApiResult {
    const project = this.#projects.find(projectName);
    const deployment = this.#find(projectName, id);
    if (this.#state.live(project) === deployment)
      throw new ApiError(400, 8000034, "The active production deployment cannot be deleted.");
    const { alias } = deployment;
    const aliased = alias !== undefined && this.#state.aliased(projectName, alias) === deployment;
    if (aliased && request.query.get("force") !== "true") throw errors.aliased();
    deployment.deletedAt = this.#state.clock.now();
    return { result: null };
  }

  rollback(projectName: string, id: string): ApiResult {
    const project = this.#projects.find(projectName);
    const deployment = this.#find(projectName, id);
    const now = this.#state.clock.now();
    if (deployment.environment !== "production" || !succeeded(deployment, now))
      throw new ApiError(400, 8000039, "Only successful production deployments can be rolled back to.");
    project.promotions.push({ deployment: id, at: now });
    return { result: this.#shown(project, deployment) };
  }

  logs(projectName: string, id: string): ApiResult {
    this.#projects.find(projectName);
    const { createdAt, finishedAt, failure } = this.#find(projectName, id);
    const data = [{ ts: new Date(createdAt).toISOString(), line: "Uploading..." }];
    if (finishedAt <= this.#state.clock.now())
      data.push({
        ts: new Date(finishedAt).toISOString(),
        line: failure ?? "Success: Your site was deployed!",
      });
    return { result: { total: data.length, includes_container_logs: false, data } };
  }

  #find(projectName: string, id: string): Deployment {
    const found = this.#state.find(projectName, id);
    if (found === undefined) throw errors.deploymentNotFound();
    return found;
  }

  #shown(project: Project, deployment: Deployment): unknown {
    return shownDeployment(this.#state, project, deployment, this.#hosts.origin, this.#state.clock.now());
  }
}
