import type { IncomingMessage, ServerResponse } from "node:http";
import { forward } from "../../src/pages-runtime/edge.ts";
import { startServer } from "../server.ts";
import { apiPath, CloudflareApi } from "./api/api.ts";
import { D1Host, type SqlResult } from "./d1/host.ts";
import { buildFromGit, connection, type GitBuild } from "./git-builds.ts";
import type { CloudflareOptions, ConsoleLine, Environment, Misfortune, Timing } from "./options.ts";
import { Runtimes } from "./sites/runtimes.ts";
import type { Deployment, Project } from "./state/model.ts";
import { AccountState, newId } from "./state/state.ts";

/** Cloudflare on one machine: the Pages and D1 API, and the sites that were deployed to it. */
export interface CloudflareStandIn {
  readonly port: number;
  /** `http://127.0.0.1:8788/client/v4`: wrangler runs in plain Node, which knows no `*.localhost`. */
  readonly apiUrl: string;
  readonly accountId: string;
  /** What the deployments' workers wrote to their consoles, audit events among it. */
  readonly consoleLines: readonly ConsoleLine[];
  /** May be changed while it runs. */
  readonly timing: Timing;
  project(name: string): Readonly<Project> | undefined;
  /** Also deleted ones; oldest first. */
  deployments(projectName: string): readonly Readonly<Deployment>[];
  /** Makes a host name one of the project's custom domains; with the stand-in's port in it, so that it can be reached. */
  addDomain(projectName: string, host: string): void;
  /** Runs SQL in the database of this name, past the API. */
  sql(databaseName: string, sql: string, params?: readonly unknown[]): Promise<SqlResult>;
  /** Serves the paths of a `_routes.json` pattern past the worker; may be said before the project exists. */
  bypassWorker(projectName: string, pattern: string, environment?: Environment): Promise<void>;
  /** Serves the assets of a project's deployments without their worker; may be said before the project exists. */
  dropWorker(projectName: string, environment?: Environment): Promise<void>;
  /** Deployments that were made long ago and of which only the answers matter, oldest first; no worker is started. */
  seed(projectName: string, deployments: readonly Seed[]): void;
  /** Connects a project to a repository: Cloudflare builds each push from then on. */
  connect(projectName: string, owner: string, repository: string): void;
  /** Cloudflare's own build of a push; undefined where the project's settings leave the branch out. */
  buildFromGit(projectName: string, build: GitBuild): Promise<Readonly<Deployment> | undefined>;
  /** What the project's next upload meets; several are met one after the other. */
  meet(projectName: string, misfortune: Misfortune): void;
  close(): Promise<void>;
}

/** A deployment that is simply there. */
export interface Seed {
  readonly branch: string;
  readonly message?: string;
  readonly commitHash?: string;
  readonly trigger?: Deployment["trigger"];
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** Hosts under which the API answers; every other one is a site's. */
const apiHosts = new Set(["127.0.0.1", "localhost", "api.cloudflare.localhost"]);

/** Starts the stand-in on one port of 127.0.0.1. workerd starts with the first request to a deployment. */
export async function startCloudflare(options: CloudflareOptions): Promise<CloudflareStandIn> {
  const state = new AccountState(options.clock, options.timing);
  const d1 = new D1Host();
  const runtimes = new Runtimes(state, d1, options);
  const label = options.subdomainLabel ?? ((name: string) => name);
  let port = 0;
  const hosts = {
    origin: (host: string) => `http://${host}`,
    subdomain: (name: string) => `${label(name)}.localhost:${port}`,
  };
  const api = new CloudflareApi(options, state, hosts, d1);
  const server = await startServer({
    service: (request) => (isForApi(request) ? "cloudflare" : "site"),
    log: options.log,
    faults: options.faults,
    ...(options.port === undefined ? {} : { port: options.port }),
    handler: (request, response) =>
      isForApi(request) ? api.handle(request, response) : serveSite(state, runtimes, request, response),
  });
  port = server.port;
  const projectNamed = (name: string): Project => {
    const project = state.projects.get(name);
    if (project === undefined) throw new RangeError(`there is no project ${name}`);
    return project;
  };
  return {
    port,
    apiUrl: `http://127.0.0.1:${port}${apiPath}`,
    accountId: options.accountId,
    consoleLines: runtimes.consoleLines,
    timing: state.timing,
    project: (name) => state.projects.get(name),
    deployments: (name) => state.deployments.filter(({ project }) => project === name),
    addDomain: (name, host) => {
      projectNamed(name).domains.push({ id: newId(), name: host, createdAt: options.clock.now() });
    },
    sql: async (name, sql, params = []) => {
      const database = [...state.databases.values()].find((one) => one.name === name);
      if (database === undefined) throw new RangeError(`there is no database ${name}`);
      const [result] = await d1.run(database.uuid, [{ sql, params }], "objects");
      return result as SqlResult;
    },
    bypassWorker: (project, bypass, environment) => runtimes.goWrong({ project, environment, bypass }),
    dropWorker: (project, environment) => runtimes.goWrong({ project, environment, bypass: undefined }),
    seed: (name, deployments) => {
      const project = projectNamed(name);
      for (const { branch, message = "", commitHash = "", trigger, answer } of deployments) {
        const commit = {
          branch,
          commit_hash: commitHash,
          commit_message: message,
          commit_dirty: false,
        };
        state.deploy(project, commit, { manifest: {} }, { kind: "late", ms: 0 }, answer, trigger);
      }
    },
    connect: (name, owner, repository) => {
      const project = projectNamed(name);
      project.source = connection(owner, repository, project);
    },
    buildFromGit: (name, build) => buildFromGit(state, projectNamed(name), build),
    meet: (name, misfortune) => {
      state.misfortunes.set(name, [...(state.misfortunes.get(name) ?? []), misfortune]);
    },
    close: async () => {
      await server.close();
      await runtimes.close();
      await d1.close();
    },
  };
}

function isForApi(request: IncomingMessage): boolean {
  return apiHosts.has((request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase());
}

/** What a host shows that no deployment answers for. */
const nothingHere = "Nothing is here yet";

async function serveSite(
  state: AccountState,
  runtimes: Runtimes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  void runtimes.sweep();
  const deployment = state.byHost(request.headers.host ?? "");
  if (deployment === undefined) {
    response.writeHead(404, { "content-type": "text/plain", "cache-control": "no-store" }).end(nothingHere);
    return;
  }
  if (deployment.answer !== undefined) return deployment.answer(request, response);
  const port = await runtimes.port(deployment).catch((error: Error) => error);
  if (typeof port === "number") forward(request, response, port);
  else response.writeHead(500, { "content-type": "text/plain" }).end("error code: 1101");
}
