import { ActionError } from "../errors.ts";
import { called, githubError, orNothing } from "./github-errors.ts";
import type { Comment, CommitState, DeploymentState, Here, Octokit } from "./github-model.ts";

/** What people are told: comments, deployments, statuses. */
export function reportCalls(octokit: Octokit, here: Here) {
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

    /** Takes a label off a pull request; one that is not on it is fine. */
    async removeLabel(number: number, name: string): Promise<void> {
      await orNothing(issues.removeLabel({ ...here, issue_number: number, name }));
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
      pullRequest?: number;
    }): Promise<number> {
      const { data } = await called(
        repos.createDeployment({
          ...here,
          ref: options.commit,
          environment: options.environment,
          description: [...options.description].slice(0, 140).join(""),
          ...(options.pullRequest === undefined ? {} : { payload: { pull_request: options.pullRequest } }),
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
