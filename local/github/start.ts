import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallLog } from "../call-log.ts";
import type { Clock } from "../clock.ts";
import type { Faults } from "../faults.ts";
import { startServer } from "../server.ts";
import { serveApi } from "./api/api.ts";
import { Blobs } from "./api/blobs.ts";
import type { Api } from "./api/model.ts";
import { Activities, type Activity, readFolder } from "./events/activity.ts";
import { actionsRoutes } from "./routes/actions.ts";
import { codeScanningRoutes } from "./routes/code-scanning.ts";
import { commentRoutes } from "./routes/comments.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { environmentValueRoutes } from "./routes/environment-values.ts";
import { environmentRoutes } from "./routes/environments.ts";
import { issueRoutes } from "./routes/issues.ts";
import { pullRoutes } from "./routes/pulls.ts";
import { repositoryRoutes } from "./routes/repositories.ts";
import { statusRoutes } from "./routes/statuses.ts";
import type { Files } from "./state/git-write.ts";
import type { Repository } from "./state/model.ts";
import { type NewRepository, Store } from "./state/store.ts";
import { ApiTokens } from "./tokens/api-tokens.ts";
import { serveIdToken, serveIssuer } from "./tokens/id-token-server.ts";
import { IdTokens } from "./tokens/id-tokens.ts";
import { servePage } from "./web/pages.ts";

export interface GitHubOptions {
  readonly clock: Clock;
  readonly log: CallLog;
  readonly faults: Faults;
  /** Wanted port; a free one where it is missing or taken. */
  readonly port?: number;
}

export type RepositoryFiles = { readonly files: Files } | { readonly fromFolder: string };

export interface GitHubStandIn {
  readonly port: number;
  /** GITHUB_API_URL */
  readonly apiUrl: string;
  /** GITHUB_SERVER_URL; pull requests are pages there. */
  readonly serverUrl: string;
  /** Issuer of the jobs' ID tokens. */
  readonly issuer: string;
  /** Address that jobs ask for ID tokens; the runner adds what is the job's own. */
  readonly idTokenUrl: string;
  readonly store: Store;
  readonly tokens: ApiTokens;
  readonly idTokens: IdTokens;
  /** Pushes, pull requests, tags: what people do, and the events of it. */
  readonly activities: Activities;
  /** A repository with its first commit on the default branch, and that push's events. */
  createRepository(
    wanted: NewRepository & RepositoryFiles & { readonly by?: string },
  ): Promise<Activity & { readonly repository: Repository }>;
  /** A person's copy of a repository. */
  fork(repository: Repository, owner: string): Promise<Repository>;
  /** A token of a person, for looking at things as that person may. */
  tokenOf(login: string): string;
  close(): Promise<void>;
}

const routes = [
  ...repositoryRoutes,
  ...pullRoutes,
  ...codeScanningRoutes,
  ...commentRoutes,
  ...issueRoutes,
  ...deploymentRoutes,
  ...statusRoutes,
  ...actionsRoutes,
  ...environmentRoutes,
  ...environmentValueRoutes,
];

/**
 * Starts GitHub on one loopback port, told apart by host: `api.github.localhost`, `github.localhost`,
 * `token.actions.localhost` (the OIDC issuer), `run-actions.localhost` (ID tokens for jobs) and
 * `artifacts.blob.localhost`. State is in memory, commits are in real bare repositories under the temporary folder.
 */
export async function startGitHub(options: GitHubOptions): Promise<GitHubStandIn> {
  const { clock, log, faults } = options;
  const folder = await mkdtemp(join(tmpdir(), "github-"));
  const store = new Store(clock, folder);
  const tokens = new ApiTokens(clock);
  const idTokens = await IdTokens.create(clock);
  const blobs = new Blobs(clock);
  // The port is known only once the server listens, the handlers run only after that.
  const origin = (host: string) => `http://${host}:${server.port}`;
  const handlers: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => void | Promise<void>>
  > = {
    "api.github.localhost": (request, response) => serveApi(api, tokens, routes, request, response),
    "github.localhost": (request, response) => servePage(store, request, response),
    "token.actions.localhost": (request, response) =>
      serveIssuer(idTokens, standIn.issuer, request, response),
    "run-actions.localhost": (request, response) =>
      serveIdToken(idTokens, standIn.issuer, standIn.serverUrl, request, response),
    "artifacts.blob.localhost": (request, response) =>
      blobs.serve(request, response, (id) => artifactBytes(store, id)),
  };
  const server = await startServer({
    service: () => "github",
    log,
    faults,
    ...(options.port === undefined ? {} : { port: options.port }),
    handler: (request, response) => {
      const host = (request.headers.host ?? "").split(":")[0] ?? "";
      const handler = handlers[host];
      if (handler !== undefined) return handler(request, response);
      response.writeHead(421, { "content-type": "text/plain" });
      response.end(`No such host: ${host}\n`);
    },
  });
  const urls = { apiUrl: origin("api.github.localhost"), serverUrl: origin("github.localhost") };
  const api: Api = { ...urls, store, blobUrl: (id) => blobs.url(origin("artifacts.blob.localhost"), id) };
  const activities = new Activities(store, urls);
  const standIn: GitHubStandIn = {
    ...urls,
    port: server.port,
    issuer: origin("token.actions.localhost"),
    idTokenUrl: origin("run-actions.localhost"),
    store,
    tokens,
    idTokens,
    activities,
    async createRepository(wanted) {
      const repository = await store.createRepository(wanted);
      const files = "files" in wanted ? wanted.files : await readFolder(wanted.fromFolder);
      const by = wanted.by === undefined ? {} : { by: wanted.by };
      const first = {
        branch: repository.defaultBranch,
        files,
        message: "First commit",
        wholeTree: true,
        ...by,
      };
      return { repository, ...(await activities.push(repository, first)) };
    },
    fork: (repository, owner) => store.createRepository({ owner, name: repository.name, parent: repository }),
    tokenOf: (login) => tokens.issue({ kind: "person", account: store.account(login) }),
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return standIn;
}

function artifactBytes(store: Store, id: number): Uint8Array | undefined {
  for (const { artifacts } of store.repositories.values()) {
    const found = artifacts.find((artifact) => artifact.id === id);
    if (found !== undefined) return found.zip;
  }
  return undefined;
}
