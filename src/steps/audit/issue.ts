import type { GitHubClient } from "../../clients/github.ts";
import type { IssueFacts } from "../../clients/github-issues.ts";
import { jobTokenLogin } from "../../clients/github-model.ts";
import { ActionError } from "../../errors.ts";
import { forHtml, forMarkdown } from "../../escape.ts";
import { type Audited, findingsOf } from "./result.ts";
import { deletedList, findingsTable, notCheckedList, severities } from "./words.ts";

type Issues = Pick<GitHubClient, "issuesStarting" | "createIssue" | "updateIssue" | "ownLogin">;

/** Of GitHub's 65,536 characters for a text, those for the table; the rest is for what stands around it. */
const tableRoom = 45_000;
const longestText = 65_536;

/** What became of the issue. `off`: the repository has issues switched off. */
export type IssueOutcome =
  | { readonly kind: "none" | "off" }
  | { readonly kind: "opened" | "updated" | "reopened" | "closed"; readonly issue: IssueFacts };

/**
 * Keeps the one issue that a project's audit has: opened when something is found, written over while something is,
 * closed when nothing is, opened again. Who only imitates its first line has an issue of his own, which stays as it is.
 * @throws ActionError github-*, service-*
 */
export async function keepIssue(github: Issues, audited: Audited): Promise<IssueOutcome> {
  const marker = issueMarker(audited.project);
  const author = (await github.ownLogin()) ?? jobTokenLogin;
  const wanted = {
    title: `Entra Gate: audit of ${audited.project}`,
    body: `${marker}\n${issueMarkdown(audited)}`.slice(0, longestText),
    open: findingsOf(audited).length + audited.deleted.length > 0,
  };
  for (let attempt = 1; ; attempt += 1) {
    const all = await github.issuesStarting(marker, author);
    if (all === undefined) return { kind: "off" };
    const own = all.find(({ open }) => open) ?? all[0];
    if (own !== undefined) return writeOver(github, own, wanted);
    if (!wanted.open) return { kind: "none" };
    try {
      return { kind: "opened", issue: await github.createIssue(wanted.title, wanted.body) };
    } catch (error) {
      // It may have been made although no answer came; then the next look finds it.
      if (attempt === 2 || !(error instanceof ActionError) || !error.code.startsWith("service-")) throw error;
    }
  }
}

async function writeOver(
  github: Pick<Issues, "updateIssue">,
  own: IssueFacts,
  wanted: Pick<IssueFacts, "title" | "body" | "open">,
): Promise<IssueOutcome> {
  if (!wanted.open && !own.open) return { kind: "none" };
  await github.updateIssue(own.number, wanted);
  const kind = wanted.open ? (own.open ? "updated" : "reopened") : "closed";
  return { kind, issue: own };
}

/** What the issue of a project starts with; GitHub does not show it. */
export function issueMarker(project: string): string {
  return `<!-- entra-gate audit ${project} -->`;
}

function issueMarkdown(audited: Audited): string {
  const { project, ended, runUrl } = audited;
  const findings = findingsOf(audited);
  const when = new Date(ended).toISOString().slice(0, 16).replace("T", " ");
  return `${[
    `What the audit of the Pages project ${forMarkdown(project)} found on ${when} UTC. Each audit writes this text anew, and closes the issue when nothing is found any more.`,
    severities(findings),
    ...(findings.length === 0 ? [] : [findingsTable(findings, tableRoom)]),
    deletedList(audited),
    notCheckedList(audited),
    `<sub><a href="${forHtml(runUrl)}">That run</a> has the log and the evidence files.</sub>`,
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}
