import type { Repository, WorkflowRun } from "../state/model.ts";
import { escapeHtml, renderMarkdown } from "./markdown.ts";
import { style } from "./style.ts";

/** A workflow run as a person would look at it: each step's summary and log. */
export function runPage(repository: Repository, run: WorkflowRun): string {
  const title = `${run.workflow.name} · ${repository.fullName}`;
  const jobs = (run.shown ?? []).map(
    (job) =>
      `<h2>${escapeHtml(job.name)} <span class="${escapeHtml(job.conclusion)}">${escapeHtml(job.conclusion)}</span></h2>` +
      job.steps.map(stepOf).join(""),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${style}</style>
<h1>${escapeHtml(run.workflow.name)} <span>${escapeHtml(run.event)}</span></h1>
<p class="muted">${escapeHtml(repository.fullName)} · <code>${escapeHtml(run.headSha.slice(0, 7))}</code> · ${escapeHtml(run.conclusion ?? run.status)}</p>
${jobs.join("") || "<p>No job of it has ended.</p>"}`;
}

function stepOf({
  name,
  conclusion,
  log,
  summary,
}: NonNullable<WorkflowRun["shown"]>[number]["steps"][number]): string {
  const told = summary.trim() === "" ? "" : `<div>${renderMarkdown(summary)}</div>`;
  return `<article><header><b>${escapeHtml(name)}</b> <span class="${escapeHtml(conclusion)}">${escapeHtml(conclusion)}</span></header>${told}
<div><details><summary>Log</summary><pre>${escapeHtml(log)}</pre></details></div></article>`;
}
