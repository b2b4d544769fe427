import type { getOctokit } from "@actions/github";

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
  readonly labels: readonly string[];
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
  /** `sha256:…` of the archive; GitHub has it of what upload-artifact 4 and later uploaded. */
  readonly digest?: string;
}

/** A GitHub deployment that this action made. */
export interface DeploymentFacts {
  readonly id: number;
  readonly commit: string;
  readonly pullRequest?: number;
}

export type CommitState = "error" | "failure" | "pending" | "success";
export type DeploymentState = "error" | "failure" | "success" | "inactive";

export type Octokit = ReturnType<typeof getOctokit>;

/** Which repository a call is about. */
export interface Here {
  readonly owner: string;
  readonly repo: string;
}

/** The author of what the job's own token writes. */
export const jobTokenLogin = "github-actions[bot]";
