import { ApiError, notFound } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { type Route, route } from "../api/router.ts";
import { fullPullRequestShape, pullRequestShape } from "../shapes/pull-request.ts";
import { isAncestor, resolveCommit, resolveShortName } from "../state/git.ts";
import type { PullRequest, Repository } from "../state/model.ts";

const pullsRead = [["pull-requests", "read"]] as const;
const labelsWrite = [
  ["issues", "write"],
  ["pull-requests", "write"],
] as const;

/** Pull requests: listed, one, and those of a commit; their labels. */
export const pullRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/pulls", pullsRead, null, async ({ api, url, repository, query }) => {
    const state = query.get("state") ?? "open";
    if (!["open", "closed", "all"].includes(state)) throw new ApiError(422, "Validation Failed");
    const head = query.get("head");
    const base = query.get("base");
    const pulls = newestFirst(repository).filter(
      (pull) =>
        (state === "all" || pull.state === state) &&
        // A head without its owner is ignored, as on GitHub: the caller then gets every pull request.
        (head === null ||
          !head.includes(":") ||
          head === `${pull.head.repository.owner.login}:${pull.head.branch}`) &&
        (base === null || base === pull.base),
    );
    const bases = await baseShas(repository, pulls);
    return listed(url, pulls, (pull) => pullRequestShape(api, repository, pull, bases.get(pull.base) ?? ""));
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    pullsRead,
    null,
    async ({ api, repository, params }) => {
      const pull = repository.pulls.get(Number(params["pull_number"]));
      if (pull === undefined) throw notFound();
      const bases = await baseShas(repository, [pull]);
      return { body: fullPullRequestShape(api, repository, pull, bases.get(pull.base) ?? "") };
    },
  ),

  route("get", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", pullsRead, null, async (call) => {
    const { api, url, repository, params } = call;
    const name = params["commit_sha"] ?? "";
    const sha = await resolveShortName(repository.gitDir, name);
    if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${name}`);
    const pulls: PullRequest[] = [];
    for (const pull of newestFirst(repository)) {
      // A fork's pull requests are not found through the commits of the repository they are for.
      if (pull.head.repository === repository && (await holds(repository, pull, sha))) pulls.push(pull);
    }
    const bases = await baseShas(repository, pulls);
    return listed(url, pulls, (pull) => pullRequestShape(api, repository, pull, bases.get(pull.base) ?? ""));
  }),

  route("delete", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", labelsWrite, null, (call) => {
    const { repository, params } = call;
    const pull = repository.pulls.get(Number(params["issue_number"]));
    if (pull?.labels.delete(params["name"] ?? "") !== true) throw notFound();
    return { body: [...pull.labels].map((name) => ({ name })) };
  }),
];

function newestFirst(repository: Repository): PullRequest[] {
  return [...repository.pulls.values()].reverse();
}

async function baseShas(repository: Repository, pulls: readonly PullRequest[]): Promise<Map<string, string>> {
  const shas = new Map<string, string>();
  for (const { base } of pulls) {
    if (!shas.has(base)) shas.set(base, (await resolveCommit(repository.gitDir, `refs/heads/${base}`)) ?? "");
  }
  return shas;
}

/** True where the pull request brings the commit: it is in the head and not in the base. */
async function holds(repository: Repository, pull: PullRequest, sha: string): Promise<boolean> {
  if (pull.headSha === sha || pull.mergeCommit === sha) return true;
  if (!(await isAncestor(repository.gitDir, sha, pull.headSha))) return false;
  return pull.state === "open" && !(await isAncestor(repository.gitDir, sha, `refs/heads/${pull.base}`));
}
