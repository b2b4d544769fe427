import { getOctokit } from "@actions/github";
import { conditional } from "./conditional.ts";
import { downloadArtifact } from "./github-artifact.ts";
import { githubFetch } from "./github-fetch.ts";
import { inspectCalls } from "./github-inspect.ts";
import { issueCalls } from "./github-issues.ts";
import type { Artifact, GitHubSettings } from "./github-model.ts";
import { readCalls } from "./github-read.ts";
import { reportCalls } from "./github-report.ts";
import type { Http } from "./http.ts";

export type GitHubClient = ReturnType<typeof createGitHubClient>;

/** The GitHub calls that the action makes, in one repository. All of them throw ActionError github-* or service-*. */
export function createGitHubClient(http: Http, settings: GitHubSettings) {
  const octokit = getOctokit(settings.token, {
    baseUrl: settings.apiUrl,
    userAgent: "entra-gate",
    request: { fetch: githubFetch(conditional(http)) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const here = { owner: settings.owner, repo: settings.repo };
  return {
    ...readCalls(octokit, here),
    ...inspectCalls(octokit, here),
    ...reportCalls(octokit, here),
    ...issueCalls(octokit, here),
    downloadArtifact: (artifact: Pick<Artifact, "id" | "digest">, maxBytes: number) =>
      downloadArtifact(http, settings, artifact, maxBytes),
  };
}
