import type { GitHubClient } from "../clients/github.ts";
import { type Comment, jobTokenLogin } from "../clients/github-model.ts";
import { ActionError } from "../errors.ts";
import { commentMarker } from "./report-text.ts";

type Comments = Pick<GitHubClient, "commentsStarting" | "createComment" | "updateComment" | "ownLogin">;

/** GitHub's limit for a comment's length. */
const longestComment = 65_536;

/**
 * Writes the one comment that a project has on a pull request: a new one, or over its own older one. A comment that
 * only imitates the marker is somebody else's and stays as it is.
 * @throws ActionError github-*, service-*
 */
export async function writeStickyComment(
  github: Comments,
  pullRequest: number,
  project: string,
  markdown: string,
): Promise<void> {
  const marker = commentMarker(project);
  const body = `${marker}\n${markdown}`.slice(0, longestComment);
  for (let attempt = 1; ; attempt += 1) {
    const own = await findOwn(github, await github.commentsStarting(pullRequest, marker));
    if (own !== undefined) {
      if (own.body !== body) await github.updateComment(own.id, body);
      return;
    }
    try {
      return await github.createComment(pullRequest, body);
    } catch (error) {
      // It may have been made although no answer came; then the next look finds it.
      if (attempt === 2 || !(error instanceof ActionError) || !error.code.startsWith("service-")) throw error;
    }
  }
}

/** Writes over a project's comment where it has one already. */
export async function updateStickyComment(
  github: Omit<Comments, "createComment">,
  pullRequest: number,
  project: string,
  markdown: string,
): Promise<void> {
  const marker = commentMarker(project);
  const own = await findOwn(github, await github.commentsStarting(pullRequest, marker));
  const body = `${marker}\n${markdown}`.slice(0, longestComment);
  if (own !== undefined && own.body !== body) await github.updateComment(own.id, body);
}

async function findOwn(
  github: Pick<Comments, "ownLogin">,
  marked: readonly Comment[],
): Promise<Comment | undefined> {
  const bots = marked.find(({ login }) => login === jobTokenLogin);
  if (bots !== undefined || marked.length === 0) return bots;
  const login = await github.ownLogin();
  return login === undefined ? undefined : marked.find((comment) => comment.login === login);
}
