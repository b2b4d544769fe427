import { called, orNothing } from "./github-errors.ts";
import type { Here, Octokit } from "./github-model.ts";

export interface IssueFacts {
  readonly number: number;
  readonly open: boolean;
  readonly title: string;
  readonly body: string;
  readonly url: string;
}

/** More pages of somebody's issues are not looked through: the wanted one is among those changed last. */
const pagesAtMost = 10;

/** The one issue that the action keeps in a repository. */
export function issueCalls(octokit: Octokit, here: Here) {
  const { issues } = octokit.rest;
  const shown = (issue: {
    number: number;
    state: string;
    title: string;
    body?: string | null;
    html_url: string;
  }) => ({
    number: issue.number,
    open: issue.state === "open",
    title: issue.title,
    body: issue.body ?? "",
    url: issue.html_url,
  });
  return {
    /**
     * Issues of this author that start with a marker, those that were changed last first.
     * @returns undefined where the repository has issues switched off
     */
    async issuesStarting(marker: string, author: string): Promise<IssueFacts[] | undefined> {
      const query = { ...here, creator: author, state: "all", sort: "updated", per_page: 100 } as const;
      for (let page = 1; page <= pagesAtMost; page += 1) {
        const answer = await orNothing(issues.listForRepo({ ...query, page }));
        if (answer === undefined) return undefined;
        const found = answer.data.filter(
          (issue) =>
            issue.pull_request === undefined &&
            issue.user?.login === author &&
            issue.body?.startsWith(marker) === true,
        );
        if (found.length > 0) return found.map(shown);
        if (answer.data.length < query.per_page) return [];
      }
      return [];
    },

    async createIssue(title: string, body: string): Promise<IssueFacts> {
      return shown((await called(issues.create({ ...here, title, body }))).data);
    },

    /** Changes title and text, and opens or closes it. */
    async updateIssue(
      number: number,
      { title, body, open }: Pick<IssueFacts, "title" | "body" | "open">,
    ): Promise<void> {
      const state = open ? { state: "open" } : { state: "closed", state_reason: "completed" };
      await called(
        issues.update({
          ...here,
          issue_number: number,
          title,
          body,
          ...(state as { state: "open" | "closed" }),
        }),
      );
    },
  };
}
