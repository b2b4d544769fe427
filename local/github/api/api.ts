import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Account, Repository } from "../state/model.ts";
import type { ApiTokens, Grant } from "../tokens/api-tokens.ts";
import { allows } from "../tokens/permissions.ts";
import { readBody } from "./body.ts";
import { ApiError, badCredentials, notAccessible, notFound, requiresAuthentication } from "./errors.ts";
import type { Api } from "./model.ts";
import { findRoute, RawAnswer, type Route } from "./router.ts";

/** Answers one request to the REST API: who asks, may they, is it well-formed, what is the answer. */
export async function serveApi(
  api: Api,
  tokens: ApiTokens,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await readAll(request);
  const url = new URL(request.url ?? "/", api.apiUrl);
  try {
    const answer = await answerTo(api, tokens, routes, request, url, bytes);
    if (answer instanceof RawAnswer) {
      response.writeHead(answer.status, { ...limits, ...answer.headers });
      response.end(answer.bytes);
      return;
    }
    const status = answer.status ?? 200;
    const body = status === 204 ? "" : JSON.stringify(answer.body);
    const etag = request.method === "GET" && status === 200 ? { etag: etagOf(body) } : undefined;
    if (etag !== undefined && request.headers["if-none-match"] === etag.etag) {
      response.writeHead(304, { ...limits, ...etag }).end();
      return;
    }
    response.writeHead(status, {
      ...limits,
      "content-type": "application/json; charset=utf-8",
      ...etag,
      ...answer.headers,
    });
    response.end(body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    response.writeHead(error.status, {
      ...limits,
      "content-type": "application/json; charset=utf-8",
      ...error.headers,
    });
    response.end(JSON.stringify(error.body()));
  }
}

/** GitHub's are weak ones. Source: GitHub REST, "Best practices", conditional requests. */
function etagOf(body: string): string {
  return `W/"${createHash("sha256").update(body).digest("hex")}"`;
}

const limits = {
  "x-github-api-version-selected": "2022-11-28",
  "x-ratelimit-limit": "5000",
  "x-ratelimit-remaining": "4999",
  "x-ratelimit-resource": "core",
};

async function answerTo(
  api: Api,
  tokens: ApiTokens,
  routes: readonly Route[],
  request: IncomingMessage,
  url: URL,
  bytes: Uint8Array,
) {
  if ((request.headers["user-agent"] ?? "") === "") {
    throw new ApiError(
      403,
      "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
    );
  }
  const grant = grantOf(tokens, request.headers.authorization);
  const found = findRoute(routes, request.method ?? "GET", url.pathname);
  if (found === undefined) throw notFound();
  const { route, params } = found;
  const repository = repositoryOf(api, params, grant);
  if (repository !== undefined) checkPermission(route, repository, grant);
  const body =
    route.body === undefined ? undefined : readBody(route.body, bytes, request.headers["content-type"] ?? "");
  return route.handle({
    api,
    url,
    accept: request.headers.accept ?? "",
    params,
    query: url.searchParams,
    body,
    grant,
    get repository(): Repository {
      if (repository === undefined) throw new Error(`${route.path} names no repository`);
      return repository;
    },
  });
}

function grantOf(tokens: ApiTokens, header: string | undefined): Grant {
  if (header === undefined) throw requiresAuthentication();
  const token = /^(?:bearer|token) +(\S+)$/i.exec(header)?.[1];
  const grant = token === undefined ? undefined : tokens.find(token);
  if (grant === undefined) throw badCredentials();
  return grant;
}

/** A repository that the token can't see doesn't exist for it: 404, as on GitHub. */
function repositoryOf(
  api: Api,
  params: Readonly<Record<string, string>>,
  grant: Grant,
): Repository | undefined {
  const { owner, repo } = params;
  if (owner === undefined || repo === undefined) return undefined;
  const repository = api.store.repository(owner, repo);
  if (repository === undefined) throw notFound();
  if (repository.visibility === "public") return repository;
  const seen =
    grant.kind === "job" ? grant.repository === repository : roleOf(repository, grant.account) !== "none";
  if (!seen) throw notFound();
  return repository;
}

/** Stricter than GitHub in one way: what a public repository would show anyone still needs the job's permission. */
function checkPermission(route: Route, repository: Repository, grant: Grant): void {
  if (route.needs === "administrator") {
    checkAdministrator(repository, grant);
    return;
  }
  if (grant.kind === "job") {
    if (route.needs.length === 0) return;
    const reads = route.needs.every(([, level]) => level === "read");
    const own = grant.repository === repository;
    const public_ = repository.visibility === "public";
    if (!own && reads && public_) return;
    if (own && route.needs.some(([scope, level]) => allows(grant.permissions, scope, level))) return;
    throw notAccessible(
      route.needs.map(([scope, level]) => `${scope.replaceAll("-", "_")}=${level}`).join("; "),
    );
  }
  const role = roleOf(repository, grant.account);
  // Whoever may read may also comment.
  const writes = route.needs.some(
    ([scope, level]) => level === "write" && scope !== "issues" && scope !== "pull-requests",
  );
  if (writes && role !== "admin" && role !== "write") {
    throw new ApiError(403, "Must have admin rights to Repository.");
  }
}

/** Who may write sees why not; who may only look is told that there is nothing. */
function checkAdministrator(repository: Repository, grant: Grant): void {
  if (grant.kind === "job") throw notAccessible("administration=write");
  const role = roleOf(repository, grant.account);
  if (role === "admin") return;
  throw role === "write" ? new ApiError(403, "Must have admin rights to Repository.") : notFound();
}

export function roleOf(repository: Repository, account: Account): "admin" | "write" | "read" | "none" {
  const role = repository.collaborators.get(account.login.toLowerCase());
  return role ?? (repository.visibility === "public" ? "read" : "none");
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
