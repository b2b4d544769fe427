import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { wrapUpTime } from "../deadline.ts";
import { ActionError } from "../errors.ts";
import type { CheckRunEvent } from "../event.ts";
import { checkBuilt } from "../steps/check-built.ts";
import { attempt, conclude, leave } from "../steps/conclude.ts";
import { cameToNothing, cloudflareApp, findBuilt, isOfAnother } from "../steps/find-built.ts";
import { reportBegin } from "../steps/report.ts";
import type { Draft, Subject } from "../steps/report-model.ts";
import { type NothingReason, nothing } from "../steps/which-run.ts";

/**
 * `protect` on `check_run`: a project that Cloudflare builds itself. What it built of the commit is checked from
 * outside, and goes where it is not closed; of an older commit, too, since its address stays.
 * @throws ActionError project-missing; what ended the run
 */
export async function checkWhatCloudflareBuilt(context: ActionContext, event: CheckRunEvent): Promise<void> {
  const { cloudflare, github, inputs, now } = context;
  const { headSha: commit, defaultBranch } = event;
  const stop = (reason: NothingReason, why: string) => leave(context, nothing(reason, why));
  const began = now();
  if (event.action !== "completed" || event.app !== cloudflareApp)
    return stop("other-check", "Only a check of Cloudflare's that has completed tells of a build.");
  const project = await cloudflare.project(inputs.projectName);
  if (project === undefined) throw new ActionError("project-missing", `Project ${inputs.projectName}.`);
  if (!project.source) return stop("not-built-here", "Cloudflare does not build this project.");
  const found = await findBuilt(context, project.name, commit);
  const deployments = found.filter((one) => !cameToNothing(one));
  if (found.length === 0 && isOfAnother(event.detailsUrl, project.name))
    return stop("other-project", "The check is about another project of Cloudflare's.");
  if (deployments.length === 0 && (found.length > 0 || event.conclusion !== "success"))
    return stop("build-failed", "Cloudflare's build came to no deployment.");
  const tip = await github.branchTip(defaultBranch);
  const subject = await subjectOf(context, event, deployments[0], tip);
  const draft: Draft = { subject, changes: [], gated: false, verified: false };
  await reportBegin(context, subject);
  const built = { project, commit, deployments, defaultBranch, tip };
  const error = await attempt(() => checkBuilt(context, built, draft));
  context.deadline.wrapUp(wrapUpTime.report);
  await conclude(context, draft, { error, began });
}

async function subjectOf(
  { github, inputs, runner }: ActionContext,
  { headSha: commit, pullRequests }: CheckRunEvent,
  newest: PagesDeployment | undefined,
  tip: string,
): Promise<Subject> {
  const environment = newest?.environment ?? (commit === tip ? "production" : "preview");
  const common = { project: inputs.projectName, commit, environment, runUrl: runner.runUrl };
  // An older commit of it is no longer what its comment is about.
  for (const pullRequest of pullRequests) {
    const head = await github.pullRequestHead(pullRequest);
    if (head.open && head.sha === commit) return { ...common, pullRequest };
  }
  return common;
}
