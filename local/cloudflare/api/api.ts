import type { IncomingMessage, ServerResponse } from "node:http";
import type { D1Host } from "../d1/host.ts";
import type { CloudflareOptions } from "../options.ts";
import type { AccountState } from "../state/state.ts";
import { Authenticator } from "./authenticate.ts";
import { D1Databases } from "./d1.ts";
import { Deployments } from "./deployments.ts";
import { ApiError, type ApiResult, errors, sendError, sendResult } from "./envelope.ts";
import { Projects, type SiteHosts } from "./projects.ts";
import { type ApiRequest, readRequest } from "./request.ts";
import { Uploads } from "./uploads.ts";

/** Path of the API below its host. */
export const apiPath = "/client/v4";

type Handler = (parameters: readonly string[], request: ApiRequest) => ApiResult | Promise<ApiResult>;
type Access = "pages" | "d1" | "upload" | "anyone";

interface Route {
  readonly method: string;
  /** Segments below `/client/v4`; `*` is a parameter. */
  readonly path: readonly string[];
  readonly access: Access;
  readonly handler: Handler;
}

/** The part of `api.cloudflare.com/client/v4` that wrangler's Pages commands and the action use. */
export class CloudflareApi {
  readonly #accountId: string;
  readonly #routes: readonly Route[];
  readonly #authenticator: Authenticator;
  readonly #uploads: Uploads;

  constructor(options: CloudflareOptions, state: AccountState, hosts: SiteHosts, d1Host: D1Host) {
    this.#accountId = options.accountId;
    this.#authenticator = new Authenticator(options.apiTokens, options.clock);
    this.#uploads = new Uploads(state);
    const projects = new Projects(state, hosts);
    const deployments = new Deployments(state, projects, hosts);
    const account = ["accounts", options.accountId];
    this.#routes = [
      route("GET /user/tokens/verify", [], "anyone", (_, request) =>
        this.#authenticator.verify(request, "user"),
      ),
      route("GET /tokens/verify", account, "anyone", (_, request) =>
        this.#authenticator.verify(request, "account"),
      ),
      ...uploadRoutes(this.#uploads),
      ...projectRoutes(account, projects, this.#uploads),
      ...deploymentRoutes(account, deployments),
      ...databaseRoutes(account, new D1Databases(state, d1Host)),
    ];
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      sendResult(response, await this.#answer(readRequest(incoming, apiPath)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      sendError(response, error);
    }
  }

  async #answer(request: ApiRequest): Promise<ApiResult> {
    const [first, account] = request.segments;
    if (first === "accounts" && account !== this.#accountId) throw errors.authentication();
    const matching = this.#routes.filter(({ path }) => matches(path, request.segments));
    const found = matching.find(({ method }) => method === request.method);
    if (found === undefined) {
      if (matching.length === 0) throw errors.noRoute();
      throw new ApiError(405, 10405, "Method not allowed for this authentication scheme");
    }
    if (found.access === "upload") await this.#uploads.authorize(request);
    else if (found.access !== "anyone") this.#authenticator.authorize(request, found.access);
    return found.handler(
      request.segments.filter((_, at) => found.path[at] === "*"),
      request,
    );
  }
}

function route(pattern: string, below: readonly string[], access: Access, handler: Handler): Route {
  const [method = "", path = ""] = pattern.split(" ");
  return { method, path: [...below, ...path.split("/").slice(1)], access, handler };
}

function matches(path: readonly string[], segments: readonly string[]): boolean {
  return path.length === segments.length && path.every((part, at) => part === "*" || part === segments[at]);
}

function uploadRoutes(uploads: Uploads): Route[] {
  return [
    route("POST /pages/assets/check-missing", [], "upload", (_, request) => uploads.missing(request)),
    route("POST /pages/assets/upload", [], "upload", (_, request) => uploads.store(request)),
    route("POST /pages/assets/upsert-hashes", [], "upload", (_, request) => uploads.keep(request)),
  ];
}

function projectRoutes(account: readonly string[], projects: Projects, uploads: Uploads): Route[] {
  const below = [...account, "pages", "projects"];
  return [
    route("GET", below, "pages", (_, request) => projects.list(request)),
    route("POST", below, "pages", (_, request) => projects.create(request)),
    route("GET /*", below, "pages", ([name = ""]) => projects.get(name)),
    route("PATCH /*", below, "pages", ([name = ""], request) => projects.change(name, request)),
    route("GET /*/domains", below, "pages", ([name = ""]) => projects.domains(name)),
    route("GET /*/upload-token", below, "pages", ([name = ""]) => {
      projects.find(name);
      return uploads.token();
    }),
  ];
}

function deploymentRoutes(account: readonly string[], deployments: Deployments): Route[] {
  const below = [...account, "pages", "projects"];
  const one = "/*/deployments/*";
  return [
    route("GET /*/deployments", below, "pages", ([name = ""], request) => deployments.list(name, request)),
    route("POST /*/deployments", below, "pages", ([name = ""], request) => deployments.create(name, request)),
    route(`GET ${one}`, below, "pages", ([name = "", id = ""]) => deployments.get(name, id)),
    route(`DELETE ${one}`, below, "pages", ([name = "", id = ""], request) =>
      deployments.remove(name, id, request),
    ),
    route(`POST ${one}/rollback`, below, "pages", ([name = "", id = ""]) => deployments.rollback(name, id)),
    route(`GET ${one}/history/logs`, below, "pages", ([name = "", id = ""]) => deployments.logs(name, id)),
  ];
}

function databaseRoutes(account: readonly string[], databases: D1Databases): Route[] {
  const below = [...account, "d1", "database"];
  return [
    route("GET", below, "d1", (_, request) => databases.list(request)),
    route("POST", below, "d1", (_, request) => databases.create(request)),
    route("GET /*", below, "d1", ([uuid = ""]) => databases.get(uuid)),
    route("PATCH /*", below, "d1", ([uuid = ""], request) => databases.change(uuid, request)),
    route("DELETE /*", below, "d1", ([uuid = ""]) => databases.remove(uuid)),
    route("POST /*/query", below, "d1", ([uuid = ""], request) => databases.run(uuid, request, "objects")),
    route("POST /*/raw", below, "d1", ([uuid = ""], request) => databases.run(uuid, request, "rows")),
  ];
}
