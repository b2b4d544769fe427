import type { Project } from "../clients/cloudflare-model.ts";
import { unsupported } from "../command.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { forMarkdown } from "../escape.ts";
import type { PullRequestEvent } from "../event.ts";
import { closedMarkdown, countOf, reportClosed } from "../steps/cleanup-report.ts";
import { type Closed, closePreview, coverMessage } from "../steps/close-preview.ts";
import { deployDenyAll } from "../steps/deploy.ts";
import { databaseOf } from "../steps/sign-in-host.ts";
import { patience } from "../steps/still-answering.ts";
import { sweepByHand } from "../steps/sweep-by-hand.ts";
import { deployDeps, toolsFor } from "../steps/tools.ts";
import { previewBranch } from "../steps/which-run.ts";

/** GitHub's clock and Cloudflare's need not agree. */
const margin = 60 * 60_000;

/**
 * The `cleanup` command: on `closed`, all that a pull request has left at Cloudflare; on an event without a pull
 * request, what its inputs choose.
 * @throws ActionError event-unsupported, inputs-invalid, deleted-still-answers; what ended the run
 */
export async function runCleanup(context: ActionContext): Promise<void> {
  const { event, cloudflare, inputs, trail } = context;
  if (event.name === "workflow_run" || event.name === "check_run") throw unsupported(event);
  if ("action" in event && event.action !== "closed") throw unsupported(event);
  const [project, host] = await Promise.all([
    cloudflare.project(inputs.projectName),
    cloudflare.project(inputs.signInHostProject),
  ]);
  if (project === undefined) return leave(context, `There is no project ${inputs.projectName}.`);
  const database = host && databaseOf(host);
  if (database !== undefined) trail.belongsInto(database);
  if ("action" in event) await cleanUpAfter(context, event, project);
  else await sweepByHand(context, project);
}

async function cleanUpAfter(
  context: ActionContext,
  event: PullRequestEvent,
  project: Project,
): Promise<void> {
  const { cloudflare, github, log, runner } = context;
  const { number: pullRequest } = event;
  const since = event.createdAt - margin;
  const closed = await closePreview({
    cloudflare,
    log,
    project,
    pullRequest,
    since,
    patience: { ...patience, wait: context.sleep },
    stillClosed: async () => !(await github.pullRequestHead(pullRequest)).open,
    cover: async () => {
      const target = {
        project: project.name,
        branch: previewBranch(pullRequest),
        productionBranch: project.production_branch ?? undefined,
        environment: "preview",
        commit: event.headSha,
        message: coverMessage(pullRequest),
      } as const;
      return deployDenyAll(target, deployDeps(context, await toolsFor(context)));
    },
  });
  if (closed.reopened) return leave(context, `Pull request ${pullRequest} is open again.`);
  remember(context, closed, pullRequest);
  const commits = new Set([
    event.headSha,
    ...closed.deleted.map((one) => one.deployment_trigger?.metadata?.commit_hash ?? ""),
  ]);
  const subject = { project: project.name, pullRequest, runUrl: runner.runUrl };
  await context.addSummary(closedMarkdown(subject, closed));
  await reportClosed(github, { ...subject, since, commits }, closed);
  log.info(`Entra Gate: pull request ${pullRequest} is closed; ${countOf(closed.deleted)} deleted.`);
  if (closed.open.length > 0) throw new ActionError("deleted-still-answers", closed.open.join(", "));
}

async function leave({ log, addSummary }: ActionContext, why: string): Promise<void> {
  log.notice("Nothing to clean up", why);
  await addSummary(`Entra Gate: nothing to clean up. ${forMarkdown(why)}\n`);
}

function remember({ trail, inputs }: ActionContext, { deleted }: Closed, pullRequest: number): void {
  for (const { id, url } of deleted)
    trail.add({
      activity: "delete",
      entity: { type: "deployment", uid: id, name: url },
      comment: `pull request ${pullRequest} is closed`,
      project: inputs.projectName,
      about: { environment: "preview", pullRequest },
    });
}
