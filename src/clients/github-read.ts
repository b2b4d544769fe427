import * as v from "valibot";
import { ActionError } from "../errors.ts";
import type { BuildRun, RepositoryRef } from "../event.ts";
import { called, orNothing } from "./github-errors.ts";
import type { Artifact, DeploymentFacts, Here, Octokit, PullRequestFacts } from "./github-model.ts";

/** What `createDeployment` writes down beside the commit. */
const ourPayload = v.object({ pull_request: v.optional(v.number()) });

/** What is read of a repository, its pull requests and its workflow runs. */
export function readCalls(octokit: Octokit, here: Here) {
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
        labels: pull.labels.map(({ name }) => name),
      }));
    },

    /** This repository and the name of its default branch, for events that do not tell them. */
    async repository(): Promise<RepositoryRef & { readonly defaultBranch: string }> {
      const { data } = await called(repos.get({ ...here }));
      return { id: data.id, fullName: data.full_name, defaultBranch: data.default_branch };
    },

    async openPullRequestNumbers(): Promise<Set<number>> {
      const query = { ...here, state: "open" as const, per_page: 100 };
      const open = await called(octokit.paginate(pulls.list, query));
      return new Set(open.map(({ number }) => number));
    },

    /** `admin`, `write`, `read` or `none`; GitHub counts maintain as write and triage as read. */
    async permissionOf(login: string): Promise<string> {
      const answer = await orNothing(repos.getCollaboratorPermissionLevel({ ...here, username: login }));
      return answer?.data.permission ?? "none";
    },

    /** Statuses of a commit with who set them, newest first. */
    async commitStatuses(commit: string): Promise<{ context: string; state: string; login: string }[]> {
      const query = { ...here, ref: commit, per_page: 100 };
      const all = await called(octokit.paginate(repos.listCommitStatusesForRef, query));
      return all.map(({ context, state, creator }) => ({ context, state, login: creator?.login ?? "" }));
    },

    /** Runs on `pull_request` that built this commit and succeeded, newest first. */
    async successfulBuilds(commit: string): Promise<BuildRun[]> {
      const query = { ...here, head_sha: commit, event: "pull_request", status: "success" as const };
      const { data } = await called(actions.listWorkflowRunsForRepo({ ...query, per_page: 100 }));
      return data.workflow_runs
        .filter((run) => run.head_sha === commit && run.event === "pull_request")
        .map((run) => ({
          id: run.id,
          event: run.event,
          status: run.status ?? "",
          conclusion: run.conclusion,
          headSha: run.head_sha,
          headBranch: run.head_branch,
          headRepository: refOf(run.head_repository),
          repository: { id: run.repository.id, fullName: run.repository.full_name },
          pullRequests: [],
        }));
    },

    /** Commit at the head of a pull request, and whether it is open. */
    async pullRequestHead(number: number): Promise<{ sha: string; open: boolean }> {
      const { data } = await called(pulls.get({ ...here, pull_number: number }));
      return { sha: data.head.sha, open: data.state === "open" };
    },

    /** GitHub deployments of an environment, newest first, as far back as `since` (milliseconds since 1970). */
    async deploymentsSince(environment: string, since: number): Promise<DeploymentFacts[]> {
      const found: DeploymentFacts[] = [];
      const query = { ...here, environment, per_page: 100 };
      for (let page = 1; ; page += 1) {
        const { data } = await called(repos.listDeployments({ ...query, page }));
        const fresh = data.filter(({ created_at: at }) => Date.parse(at) >= since);
        for (const { id, sha, payload } of fresh) {
          const parsed = v.safeParse(ourPayload, typeof payload === "string" ? {} : payload);
          const number = parsed.success ? parsed.output.pull_request : undefined;
          found.push({ id, commit: sha, ...(number === undefined ? {} : { pullRequest: number }) });
        }
        if (fresh.length < 100) return found;
      }
    },

    /** Ids of the GitHub deployments of exactly this commit in an environment; no more than a hundred. */
    async deploymentsOf(commit: string, environment: string): Promise<number[]> {
      const query = { ...here, sha: commit, environment, per_page: 100 };
      const { data } = await called(repos.listDeployments(query));
      return data.map(({ id }) => id);
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

    /** Paths of all files of a commit; none where GitHub does not know it. Of a very large one GitHub lists a part. */
    async filesOf(commit: string): Promise<string[]> {
      const answer = await orNothing(git.getTree({ ...here, tree_sha: commit, recursive: "1" }));
      return (answer?.data.tree ?? []).flatMap(({ path, type }) =>
        type === "blob" && path !== undefined ? [path] : [],
      );
    },

    /** The newest artifact of this name that this very run uploaded. */
    async findArtifact(runId: number, name: string): Promise<Artifact | undefined> {
      const query = { ...here, run_id: runId, name, per_page: 100 };
      const { data } = await called(actions.listWorkflowRunArtifacts(query));
      const own = data.artifacts.filter(
        (artifact) => artifact.name === name && artifact.workflow_run?.id === runId,
      );
      const newest = own.toSorted((a, b) => b.id - a.id)[0];
      if (newest === undefined) return undefined;
      const { id, expired, size_in_bytes: size, digest } = newest;
      return { id, expired, size, ...(digest?.startsWith("sha256:") ? { digest } : {}) };
    },

    /** True once a workflow run has ended or is not known any more. */
    async runIsOver(runId: number): Promise<boolean> {
      const answer = await orNothing(actions.getWorkflowRun({ ...here, run_id: runId }));
      return answer === undefined || answer.data.status === "completed";
    },
  };
}

/** Null where the head repository was deleted, whatever the published types say. */
function refOf(repo: { id: number; full_name: string } | null): RepositoryRef | null {
  return repo === null ? null : { id: repo.id, fullName: repo.full_name };
}
