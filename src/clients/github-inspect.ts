import { called, orNothing } from "./github-errors.ts";
import type { Here, Octokit } from "./github-model.ts";

/** Which refs may use an environment. */
export interface EnvironmentRule {
  /** Every ref, every protected branch, or those that a pattern fits. */
  readonly kind: "all" | "protected" | "patterns";
  readonly patterns: readonly { readonly name: string; readonly type: string }[];
}

/** What is read of a repository's settings, and never written. */
export function inspectCalls(octokit: Octokit, here: Here) {
  const { actions, repos } = octokit.rest;
  return {
    /** An environment's rule; undefined where there is no such environment. */
    async environmentRule(name: string): Promise<EnvironmentRule | undefined> {
      const at = { ...here, environment_name: name };
      const answer = await orNothing(repos.getEnvironment(at));
      if (answer === undefined) return undefined;
      const policy = answer.data.deployment_branch_policy;
      if (!policy) return { kind: "all", patterns: [] };
      if (policy.protected_branches) return { kind: "protected", patterns: [] };
      const { data } = await called(repos.listDeploymentBranchPolicies({ ...at, per_page: 100 }));
      const patterns = data.branch_policies.map(({ name: pattern, type }) => ({
        name: pattern ?? "",
        type: type ?? "branch",
      }));
      return { kind: "patterns", patterns };
    },

    /** Paths of the workflow files as of a commit. */
    async workflowPaths(commit: string): Promise<string[]> {
      const answer = await orNothing(repos.getContent({ ...here, path: ".github/workflows", ref: commit }));
      if (answer === undefined || !Array.isArray(answer.data)) return [];
      return answer.data
        .filter(({ type, path }) => type === "file" && /\.ya?ml$/.test(path))
        .map(({ path }) => path);
    },

    /** `active`, `disabled_manually`, `disabled_inactivity` …, by the workflow file's path; of a hundred at most. */
    async workflowStates(): Promise<ReadonlyMap<string, string>> {
      const { data } = await called(actions.listRepoWorkflows({ ...here, per_page: 100 }));
      return new Map(data.workflows.map(({ path, state }) => [path, state]));
    },
  };
}
