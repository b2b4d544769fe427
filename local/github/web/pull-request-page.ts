import { newestPerContext, statusesOf } from "../routes/statuses.ts";
import type { CommitStatus, Deployment, IssueComment, PullRequest, Repository } from "../state/model.ts";
import { timestamp } from "../state/store.ts";
import { escapeHtml, renderMarkdown } from "./markdown.ts";
import { style } from "./style.ts";

/** A pull request as a person would look at it: comments, checks, deployments. */
export function pullRequestPage(repository: Repository, pull: PullRequest): string {
  const comments = repository.comments.filter((comment) => comment.issue === pull.number);
  const statuses = newestPerContext(statusesOf(repository, pull.headSha));
  const deployments = repository.deployments.filter(({ sha }) => sha === pull.headSha);
  const title = `${escapeHtml(pull.title)} <span>#${pull.number}</span>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(pull.title)} · ${escapeHtml(repository.fullName)} #${pull.number}</title><style>${style}</style></head>
<body><main>
<h1>${title}</h1>
<p class="muted">${escapeHtml(pull.user.login)} wants to merge <code>${escapeHtml(headLabel(repository, pull))}</code>
into <code>${escapeHtml(pull.base)}</code> · ${pull.mergedAt === undefined ? pull.state : "merged"} · <code>${pull.headSha.slice(0, 7)}</code></p>
${comments.map(article).join("\n")}
${comments.length === 0 ? "<p>No comments yet.</p>" : ""}
<h2>Checks</h2><ul>${statuses.map(statusItem).join("") || "<li>None</li>"}</ul>
<h2>Deployments</h2><ul>${deployments.map(deploymentItem).join("") || "<li>None</li>"}</ul>
</main></body></html>`;
}

function headLabel(repository: Repository, { head }: PullRequest): string {
  return head.repository === repository ? head.branch : `${head.repository.owner.login}:${head.branch}`;
}

function article({ id, user, updatedAt, body }: IssueComment): string {
  const when = timestamp(updatedAt);
  return `<article id="issuecomment-${id}"><header><strong>${escapeHtml(user.login)}</strong> <time datetime="${when}">${when}</time></header><div>${renderMarkdown(body)}</div></article>`;
}

function statusItem({ context, state, description, targetUrl }: CommitStatus): string {
  const name = targetUrl === null ? escapeHtml(context) : anchor(targetUrl, context);
  return `<li><span class="${state}">${state}</span> ${name} ${escapeHtml(description ?? "")}</li>`;
}

function deploymentItem({ environment, statuses }: Deployment): string {
  const last = statuses.at(-1);
  const state = last?.state ?? "pending";
  const url = last?.environmentUrl ?? "";
  return `<li>${escapeHtml(environment)}: <span class="${state}">${state}</span> ${url === "" ? "" : anchor(url, url)}</li>`;
}

function anchor(url: string, label: string): string {
  return `<a href="${escapeHtml(url)}" rel="nofollow">${escapeHtml(label)}</a>`;
}
