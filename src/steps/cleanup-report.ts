import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import type { GitHubClient } from "../clients/github.ts";
import { forHtml, forMarkdown } from "../escape.ts";
import type { Closed } from "./close-preview.ts";
import { environmentName } from "./report.ts";
import { updateStickyComment } from "./report-github.ts";

export interface ClosedSubject {
  readonly project: string;
  readonly pullRequest: number;
  readonly runUrl: string;
}

/** What became of a closed pull request's preview, for its comment and the job's summary. */
export function closedMarkdown(
  { project, pullRequest, runUrl }: ClosedSubject,
  { deleted, open }: Closed,
): string {
  const gone =
    open.length === 0
      ? "None of its addresses shows anything any more."
      : `⚠️ Still showing something: ${open.map(forMarkdown).join(", ")}`;
  return [
    `### 🧹 Entra Gate · ${forMarkdown(project)} · preview`,
    `Pull request ${pullRequest} is closed, and its preview is gone: ${countOf(deleted)} deleted. ${gone}`,
    `<sub><a href="${forHtml(runUrl)}">This run</a> has the log.</sub>\n`,
  ].join("\n\n");
}

export function countOf({ length }: readonly PagesDeployment[]): string {
  return length === 1 ? "1 deployment" : `${length} deployments`;
}

/**
 * Tells GitHub: every deployment of the pull request becomes inactive, the comment says what happened. A pull request
 * that never had a comment gets none.
 */
export async function reportClosed(
  github: Pick<
    GitHubClient,
    "deploymentsSince" | "setDeploymentStatus" | "commentsStarting" | "updateComment" | "ownLogin"
  >,
  subject: ClosedSubject & { readonly since: number; readonly commits: ReadonlySet<string> },
  closed: Closed,
): Promise<void> {
  const { pullRequest, since, commits, project, runUrl } = subject;
  const made = await github.deploymentsSince(environmentName(project, "preview"), since);
  for (const deployment of made) {
    if (deployment.pullRequest !== pullRequest && !commits.has(deployment.commit)) continue;
    const description = "The pull request is closed";
    await github.setDeploymentStatus(deployment.id, { state: "inactive", description, logUrl: runUrl });
  }
  await updateStickyComment(github, pullRequest, project, closedMarkdown(subject, closed));
}
