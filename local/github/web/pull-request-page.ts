import type { IncomingMessage, ServerResponse } from "node:http";
import { newestPerContext, statusesOf } from "../routes/statuses.ts";
import type { CommitStatus, Deployment, PullRequest, Repository } from "../state/model.ts";
import { type Store, timestamp } from "../state/store.ts";
import { escapeHtml, renderMarkdown } from "./markdown.ts";

const style = `
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; font-weight: 500 } h1 span, .muted { opacity: .65 }
article { border: 1px solid #8886; border-radius: 8px; margin: 1rem 0 } article > header { padding: .5rem 1rem; border-bottom: 1px solid #8886; background: #8881 }
article > div { padding: .5rem 1rem; overflow-wrap: anywhere } img { max-width: 100% }
table { border-collapse: collapse } th, td { border: 1px solid #8886; padding: .3rem .7rem; text-align: left }
code { background: #8882; padding: .1em .3em; border-radius: 4px } pre { background: #8882; padding: .8rem; overflow: auto } pre code { background: none; padding: 0 }
blockquote { margin: 0; padding-left: 1rem; border-left: 4px solid #8886 } .alert { font-weight: 600 }
.success { color: #1a7f37 } .failure, .error { color: #cf222e } .pending, .in_progress { color: #9a6700 }
`;

/** Answers `/<owner>/<repository>/pull/<number>`: the pull request as a person would look at it. */
export function servePullRequestPage(store: Store, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? "/", "http://github.localhost").pathname;
  const [, owner = "", name = "", number = ""] = /^\/([^/]+)\/([^/]+)\/pull\/(\d+)$/.exec(path) ?? [];
  const repository = store.repository(owner, name);
  const pull = repository?.pulls.get(Number(number));
  response.setHeader("content-type", "text/html; charset=utf-8");
  // The comment is whatever the action wrote: pictures may come from anywhere, scripts from nowhere.
  response.setHeader("content-security-policy", "default-src 'none'; img-src *; style-src 'unsafe-inline'");
  if (repository === undefined || pull === undefined) {
    response.writeHead(404);
    response.end("<!doctype html><title>Not found</title><h1>Not found</h1>");
    return;
  }
  response.writeHead(200);
  response.end(pullRequestPage(repository, pull));
}

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
${comments.map((comment) => article(comment.user.login, comment.updatedAt, renderMarkdown(comment.body))).join("\n")}
${comments.length === 0 ? "<p>No comments yet.</p>" : ""}
<h2>Checks</h2><ul>${statuses.map(statusItem).join("") || "<li>None</li>"}</ul>
<h2>Deployments</h2><ul>${deployments.map(deploymentItem).join("") || "<li>None</li>"}</ul>
</main></body></html>`;
}

function headLabel(repository: Repository, { head }: PullRequest): string {
  return head.repository === repository ? head.branch : `${head.repository.owner.login}:${head.branch}`;
}

function article(login: string, at: number, html: string): string {
  const when = timestamp(at);
  return `<article><header><strong>${escapeHtml(login)}</strong> <time datetime="${when}">${when}</time></header><div>${html}</div></article>`;
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
