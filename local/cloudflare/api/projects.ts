import type { Project } from "../state/model.ts";
import { applyChanges, initialConfig, shownConfig } from "../state/settings.ts";
import { type AccountState, newId } from "../state/state.ts";
import { ApiError, type ApiResult, errors, paged } from "./envelope.ts";
import { newProject, projectChanges } from "./project-schema.ts";
import { type ApiRequest, jsonBody } from "./request.ts";
import { shownDeployment } from "./shown-deployment.ts";

/** What projects need to know of the hosts that they are served at. */
export interface SiteHosts {
  readonly origin: (host: string) => string;
  /** `demo.localhost:8788` */
  readonly subdomain: (projectName: string) => string;
}

/** `/accounts/{id}/pages/projects` and `…/{name}`. */
export class Projects {
  readonly #state: AccountState;
  readonly #hosts: SiteHosts;

  constructor(state: AccountState, hosts: SiteHosts) {
    this.#state = state;
    this.#hosts = hosts;
  }

  /** @throws ApiError 8000007 */
  find(name: string): Project {
    const project = this.#state.projects.get(name);
    if (project === undefined) throw errors.projectNotFound();
    return project;
  }

  list(request: ApiRequest): ApiResult {
    const projects = [...this.#state.projects.values()].map((project) => this.#shown(project));
    return paged(projects, request.query, 10);
  }

  get(name: string): ApiResult {
    return { result: this.#shown(this.find(name)) };
  }

  async create(request: ApiRequest): Promise<ApiResult> {
    const { name, production_branch, ...settings } = await jsonBody(request, newProject);
    if (this.#state.projects.has(name))
      throw new ApiError(
        409,
        8000002,
        "A project with this name already exists. Choose a different project name.",
      );
    const now = this.#state.clock.now();
    const project: Project = {
      id: newId(),
      name,
      subdomain: this.#hosts.subdomain(name),
      createdAt: now,
      productionBranch: production_branch,
      buildConfig: { build_command: null, destination_dir: null, root_dir: null },
      source: settings.source === undefined ? null : { type: settings.source.type, config: {} },
      configs: { preview: initialConfig(now), production: initialConfig(now) },
      domains: [],
      promotions: [],
    };
    applyChanges(project, settings);
    this.#state.projects.set(name, project);
    return { result: this.#shown(project) };
  }

  async change(name: string, request: ApiRequest): Promise<ApiResult> {
    const project = this.find(name);
    const changes = await jsonBody(request, projectChanges);
    if (changes.source !== undefined && project.source === null)
      throw errors.invalid("source: the project is not connected to a repository");
    applyChanges(project, changes);
    return { result: this.#shown(project) };
  }

  domains(name: string): ApiResult {
    const project = this.find(name);
    const result = project.domains.map(({ id, name: domain, createdAt }) => ({
      id,
      domain_id: id,
      name: domain,
      status: "active",
      certificate_authority: "google",
      verification_data: { status: "active" },
      validation_data: { status: "active", method: "http" },
      zone_tag: "",
      created_on: new Date(createdAt).toISOString(),
    }));
    return {
      result,
      resultInfo: { page: 1, per_page: 20, count: result.length, total_count: result.length, total_pages: 1 },
    };
  }

  #shown(project: Project): unknown {
    const now = this.#state.clock.now();
    const [latest] = this.#state.listed(project.name);
    const live = this.#state.live(project);
    const shown = (deployment: typeof live) =>
      deployment === undefined
        ? null
        : shownDeployment(this.#state, project, deployment, this.#hosts.origin, now);
    return {
      id: project.id,
      name: project.name,
      subdomain: project.subdomain,
      domains: [project.subdomain, ...project.domains.map(({ name }) => name)],
      source: project.source,
      build_config: project.buildConfig,
      deployment_configs: {
        preview: shownConfig(project.configs.preview),
        production: shownConfig(project.configs.production),
      },
      latest_deployment: shown(latest),
      canonical_deployment: shown(live),
      production_branch: project.productionBranch,
      created_on: new Date(project.createdAt).toISOString(),
      uses_functions: latest?.upload.worker !== undefined,
    };
  }
}
