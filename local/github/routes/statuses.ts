import { nullish, optional, picklist, strictObject, string } from "valibot";
import { ApiError, validationFailed } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { type Route, route } from "../api/router.ts";
import { simpleStatusShape, statusShape } from "../shapes/deployment.ts";
import { repositoryShape } from "../shapes/repository.ts";
import { resolveCommit, resolveShortName } from "../state/git.ts";
import type { CommitStatus, Repository } from "../state/model.ts";

const read = [["statuses", "read"]] as const;
const write = [["statuses", "write"]] as const;
const longestDescription = 140;

const newStatus = strictObject({
  state: picklist(["error", "failure", "pending", "success"]),
  target_url: nullish(string(), null),
  description: nullish(string(), null),
  context: optional(string(), "default"),
});

/** Commit statuses, newest first. */
export const statusRoutes: readonly Route[] = [
  route("post", "/repos/{owner}/{repo}/statuses/{sha}", write, newStatus, async (call) => {
    const { api, repository, params, grant, body } = call;
    const sha = params["sha"] ?? "";
    const found = /^[0-9a-f]{40}$/.test(sha) ? await resolveCommit(repository.gitDir, sha) : undefined;
    if (found === undefined) throw new ApiError(422, `No commit found for SHA: ${sha}`);
    checkUrl("Status", "target_url", body.target_url ?? "");
    checkDescription("Status", body.description ?? "");
    const status: CommitStatus = {
      id: api.store.nextId(),
      sha,
      state: body.state,
      context: body.context,
      description: body.description,
      targetUrl: body.target_url,
      creator: grant.account,
      createdAt: api.store.clock.now(),
    };
    repository.statuses.push(status);
    return { status: 201, body: statusShape(api, repository, status) };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/commits/{ref}/statuses",
    read,
    null,
    async ({ api, url, repository, params }) => {
      const statuses = statusesOf(repository, await commitOf(repository, params));
      return listed(url, statuses, (status) => statusShape(api, repository, status));
    },
  ),

  route(
    "get",
    "/repos/{owner}/{repo}/commits/{ref}/status",
    read,
    null,
    async ({ api, repository, params }) => {
      const sha = await commitOf(repository, params);
      const newest = newestPerContext(statusesOf(repository, sha));
      const url = `${api.apiUrl}/repos/${repository.fullName}/commits/${sha}`;
      return {
        body: {
          state: combined(newest),
          statuses: newest.map((status) => simpleStatusShape(api, repository, status)),
          sha,
          total_count: newest.length,
          repository: repositoryShape(api, repository),
          commit_url: url,
          url: `${url}/status`,
        },
      };
    },
  ),
];

/** A commit's statuses, newest first. */
export function statusesOf(repository: Repository, sha: string): CommitStatus[] {
  return repository.statuses.filter((status) => status.sha === sha).reverse();
}

/** The last word of each context. */
export function newestPerContext(newestFirst: readonly CommitStatus[]): CommitStatus[] {
  const seen = new Map<string, CommitStatus>();
  for (const status of newestFirst) if (!seen.has(status.context)) seen.set(status.context, status);
  return [...seen.values()];
}

function combined(statuses: readonly CommitStatus[]): string {
  if (statuses.some(({ state }) => state === "error" || state === "failure")) return "failure";
  return statuses.length > 0 && statuses.every(({ state }) => state === "success") ? "success" : "pending";
}

async function commitOf(repository: Repository, params: Readonly<Record<string, string>>): Promise<string> {
  const ref = params["ref"] ?? "";
  const sha = await resolveShortName(repository.gitDir, ref);
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${ref}`);
  return sha;
}

export function checkUrl(resource: string, field: string, url: string): void {
  if (url !== "" && (!/^https?:\/\//i.test(url) || !URL.canParse(url))) {
    throw validationFailed(resource, field, `${field} must use http(s) scheme`);
  }
}

export function checkDescription(resource: string, description: string): void {
  if (description.length > longestDescription) {
    throw validationFailed(
      resource,
      "description",
      `description is too long (maximum is ${longestDescription} characters)`,
    );
  }
}
