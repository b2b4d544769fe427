import { getOctokit } from "@actions/github";
import { ActionError } from "../errors.ts";
import { githubError, isNotFound } from "./github-errors.ts";
import { githubFetch } from "./github-fetch.ts";
import type { Http } from "./http.ts";

export interface GitHubSettings {
  /** `https://api.github.com`, from GITHUB_API_URL. */
  readonly apiUrl: string;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
}

export interface PullRequestFacts {
  readonly number: number;
  readonly state: string;
  readonly headSha: string;
  /** Absent where the head repository was deleted. */
  readonly headRepositoryId?: number;
  readonly baseRepositoryId: number;
  readonly title: string;
}

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly login: string;
  readonly url: string;
}

export interface Artifact {
  readonly id: number;
  readonly expired: boolean;
  readonly size: number;
}

export type CommitState = "error" | "failure" | "pending" | "success";
export type DeploymentState = "error" | "failure" | "in_progress" | "success" | "inactive";

export type GitHubClient = ReturnType<typeof createGitHubClient>;

type Octokit = ReturnType<typeof getOctokit>;

/** The author of what the job's own token writes. */
export const jobTokenLogin = "github-actions[bot]";

/** The GitHub calls that the action makes, in one repository. All of them throw ActionError github-* or service-*. */
export function createGitHubClient(http: Http, settings: GitHubSettings) {
  const octokit = getOctokit(settings.token, {
    baseUrl: settings.apiUrl,
    userAgent: "entra-gate",
    request: { fetch: githubFetch(http) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const here = { owner: settings.owner, repo: settings.repo };
  return {
    ...readCalls(octokit, here),
    ...reportCalls(octokit, here),
    downloadArtifact: (id: number, maxBytes: number) => downloadArtifact(http, settings, id, maxBytes),
  };
}

interface Here {
  readonly owner: string;
  readonly repo: string;
}

function readCalls(octokit: Octokit, here: Here) {
  const { actions, git, pulls, repos } = octokit.rest;
  return {
    /** Commit at the tip of a branch of this repository. */
    async branchTip(branch: string): Promise<string> {
      const { data } = await called(git.getRef({ ...here, ref: `heads/${branch}` }));
      return data.object.sha;
    },

    /** Commit of a lightweight tag; `unknown` for an annotated one; undefined where there is none of exactly this name. */
    async tagCommit(tag: string): Promise<string | undefined> {
      const answer = await orNothing(git.getRef({ ...here, ref: `tags/${tag}` }));
      if (answer === undefined) return undefined;
      return answer.data.object.type === "commit" ? answer.data.object.sha : "unknown";
    },

    /** Open pull requests whose head is this branch of this owner's repository. */
    async openPullRequests(headOwner: string, branch: string): Promise<PullRequestFacts[]> {
      const query = { ...here, state: "open" as const, head: `${headOwner}:${branch}`, per_page: 100 };
      const found = await called(octokit.paginate(pulls.list, query));
      return found.map((pull) => ({
        number: pull.number,
        state: pull.state,
        headSha: pull.head.sha,
        ...(pull.head.repo === null ? {} : { headRepositoryId: pull.head.repo.id }),
        baseRepositoryId: pull.base.repo.id,
        title: pull.title,
      }));
    },

    /** Commit at the head of a pull request, and whether it is open. */
    async pullRequestHead(number: number): Promise<{ sha: string; open: boolean }> {
      const { data } = await called(pulls.get({ ...here, pull_number: number }));
      return { sha: data.head.sha, open: data.state === "open" };
    },

    /** Text of a file as of a commit; undefined where there is none, or where it is a link or a folder. */
    async fileAt(path: string, commit: string): Promise<string | undefined> {
      const answer = await orNothing(repos.getContent({ ...here, path, ref: commit }));
      const data = answer?.data;
      if (data === undefined || Array.isArray(data) || data.type !== "file") return undefined;
      if (data.encoding !== "base64")
        throw new ActionError("github-request-refused", `${path} is too large for GitHub's contents API.`);
      return Buffer.from(data.content, "base64").toString("utf8");
    },

    /** The newest artifact of this name that this very run uploaded. */
    async findArtifact(runId: number, name: string): Promise<Artifact | undefined> {
      const query = { ...here, run_id: runId, name, per_page: 100 };
      const { data } = await called(actions.listWorkflowRunArtifacts(query));
      const own = data.artifacts.filter(
        (artifact) => artifact.name === name && artifact.workflow_run?.id === runId,
      );
      const newest = own.toSorted((a, b) => b.id - a.id)[0];
      return newest && { id: newest.id, expired: newest.expired, size: newest.size_in_bytes };
    },

    /** True once a workflow run has ended or is not known any more. */
    async runIsOver(runId: number): Promise<boolean> {
      const answer = await orNothing(actions.getWorkflowRun({ ...here, run_id: runId }));
      return answer === undefined || answer.data.status === "completed";
    },
  };
}

function reportCalls(octokit: Octokit, here: Here) {
  const { issues, repos, users } = octokit.rest;
  return {
    /** Comments of a pull request that start with a marker, oldest first, all pages. */
    async commentsStarting(number: number, marker: string): Promise<Comment[]> {
      const query = { ...here, issue_number: number, per_page: 100 };
      const all = await called(octokit.paginate(issues.listComments, query));
      return all
        .filter((comment) => comment.body?.startsWith(marker) === true)
        .map((comment) => ({
          id: comment.id,
          body: comment.body ?? "",
          login: comment.user?.login ?? "",
          url: comment.html_url,
        }));
    },

    async createComment(number: number, body: string): Promise<void> {
      await called(issues.createComment({ ...here, issue_number: number, body }));
    },

    async updateComment(id: number, body: string): Promise<void> {
      await called(issues.updateComment({ ...here, comment_id: id, body }));
    },

    /** Login that a personal token writes as; undefined where the token is an installation's. */
    async ownLogin(): Promise<string | undefined> {
      try {
        return (await users.getAuthenticated()).data.login;
      } catch (thrown) {
        if (githubError(thrown).code === "github-permission-missing") return undefined;
        throw githubError(thrown);
      }
    },

    /** @param state and the context's one-line description (cut to GitHub's 140 characters) */
    async setCommitStatus(
      sha: string,
      status: { state: CommitState; context: string; description: string; url?: string },
    ): Promise<void> {
      const { url, description, ...rest } = status;
      const target = url === undefined ? {} : { target_url: url };
      const cut = [...description].slice(0, 140).join("");
      await called(repos.createCommitStatus({ ...here, sha, ...rest, ...target, description: cut }));
    },

    /** Makes a GitHub deployment of exactly this commit; nothing is merged and no other check is waited for. */
    async createDeployment(options: {
      commit: string;
      environment: string;
      production: boolean;
      description: string;
    }): Promise<number> {
      const { data } = await called(
        repos.createDeployment({
          ...here,
          ref: options.commit,
          environment: options.environment,
          description: [...options.description].slice(0, 140).join(""),
          auto_merge: false,
          required_contexts: [],
          production_environment: options.production,
          transient_environment: !options.production,
        }),
      );
      if (!("id" in data)) throw new ActionError("github-request-refused", "GitHub made no deployment.");
      return data.id;
    },

    async setDeploymentStatus(
      id: number,
      status: { state: DeploymentState; description: string; environmentUrl?: string; logUrl?: string },
    ): Promise<void> {
      await called(
        repos.createDeploymentStatus({
          ...here,
          deployment_id: id,
          state: status.state,
          description: [...status.description].slice(0, 140).join(""),
          ...(status.environmentUrl === undefined ? {} : { environment_url: status.environmentUrl }),
          ...(status.logUrl === undefined ? {} : { log_url: status.logUrl }),
        }),
      );
    },
  };
}

/**
 * Downloads an artifact's archive. GitHub answers with a redirect to a store that must not see the token.
 * Source: GitHub REST, "Download an artifact".
 */
async function downloadArtifact(
  http: Http,
  settings: GitHubSettings,
  id: number,
  maxBytes: number,
): Promise<Uint8Array> {
  const path = `/repos/${settings.owner}/${settings.repo}/actions/artifacts/${id}/zip`;
  const call = { service: "GitHub", call: `GET ${path}`, method: "GET" } as const;
  const url = `${settings.apiUrl}${path}`;
  const redirect = await http.send({
    ...call,
    url,
    headers: { authorization: `Bearer ${settings.token}` },
  });
  const said = `GitHub, GET ${path}: status ${redirect.status}`;
  if (redirect.status === 410) throw new ActionError("artifact-expired", said);
  if (redirect.status === 401) throw new ActionError("github-token-refused", said);
  if (redirect.status === 403)
    throw new ActionError("github-permission-missing", `${said}. Permission: actions=read`);
  const location = URL.parse(redirect.headers["location"] ?? "", url);
  if (redirect.status !== 302 || location === null) throw new ActionError("github-not-found", said);
  const store = { service: "GitHub's artifact store", call: "GET the archive", method: "GET" } as const;
  const archive = await http
    .send({ ...store, url: location, maxBytes, timeout: 120_000, headers: { accept: "*/*" } })
    .catch((error: unknown) => {
      const tooLarge = error instanceof ActionError && error.code === "service-answer-too-large";
      throw tooLarge ? new ActionError("artifact-too-large", error.detail) : error;
    });
  if (archive.status !== 200)
    throw new ActionError(
      "service-failing",
      `GitHub's artifact store, ${location.host}: status ${archive.status}`,
    );
  return archive.body;
}

async function called<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    throw githubError(thrown);
  }
}

/** The answer, or undefined where GitHub said that there is no such thing. */
async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw githubError(thrown);
  }
}
