import { unsupported } from "../command.ts";
import type { ActionContext, BuildContext } from "../context.ts";
import { wrapUpTime } from "../deadline.ts";
import type { ActionError } from "../errors.ts";
import { forMarkdown } from "../escape.ts";
import type { BuildEvent } from "../event.ts";
import { attempt, conclude, leave, setOutputs } from "../steps/conclude.ts";
import { approveFork, isApproved } from "../steps/fork-approval.ts";
import { buildOfThisRun } from "../steps/one-job.ts";
import { protect } from "../steps/protect.ts";
import { rehearseMerge } from "../steps/rehearse-merge.ts";
import { reportBegin, reportSuperseded } from "../steps/report.ts";
import type { Draft, Subject } from "../steps/report-model.ts";
import { decideTwice } from "../steps/still-newest.ts";
import { decideRun, type Nothing, type RepositoryFacts, type RunDecision } from "../steps/which-run.ts";
import { checkWhatCloudflareBuilt } from "./check-run.ts";

/**
 * The `protect` command. What it found is reported in either case, then a failure is thrown.
 * @throws ActionError event-unsupported; what ended the run
 */
export async function runProtect(context: ActionContext): Promise<void> {
  if (context.event.name === "check_run") return checkWhatCloudflareBuilt(context, context.event);
  const build = await buildOf(context);
  if ("kind" in build) return leave(context, build);
  await protectBuild({ ...context, build }, context.event.name === "pull_request_target");
}

/** The build that this event lets in, if its decision lets it be deployed. */
async function buildOf(context: ActionContext): Promise<BuildEvent | Nothing> {
  const { event } = context;
  if (event.name === "workflow_run") return event;
  if (event.name === "pull_request") return buildOfThisRun(context, event);
  if (event.name === "pull_request_target") return approveFork(context, event);
  throw unsupported(event);
}

/** @param approved the commit is a fork's and was approved by this run */
async function protectBuild(context: BuildContext, approved: boolean): Promise<void> {
  const began = context.now();
  const { facts, decision } = await decideTwice(async () => {
    const facts = await repositoryFacts(context, approved);
    return { facts, decision: decideRun(context.build, facts) };
  }, context);
  if (decision.kind === "nothing") return leave(context, decision);
  const merging = decision.kind === "merge";
  const draft: Draft = {
    subject: subjectOf(context, decision),
    changes: [],
    gated: false,
    verified: false,
    ...(merging ? { merging } : {}),
  };
  await reportBegin(context, draft.subject);
  const error = await attempt(() =>
    merging ? rehearseMerge(context, decision.commit, draft) : protect(context, decision, facts.tip, draft),
  );
  context.deadline.wrapUp(wrapUpTime.report);
  if (error?.code === "superseded") return stepAside(context, draft, error);
  await conclude(context, draft, { error, began, buildRun: context.build.run.id });
}

/** A newer commit's run does what this one set out to do: no failure, but no green status either. */
async function stepAside(context: BuildContext, draft: Draft, error: ActionError): Promise<void> {
  context.log.notice("Superseded", error.explanation);
  await context.addSummary(`Entra Gate: superseded. ${forMarkdown(error.detail)}\n`);
  setOutputs(context, undefined);
  await reportSuperseded(context, draft, error.detail);
}

/** All that the decision needs of GitHub, in as few calls as the event allows. */
async function repositoryFacts(
  { github, build, inputs }: BuildContext,
  approved: boolean,
): Promise<RepositoryFacts> {
  const { run, defaultBranch, repository } = build;
  const isPush = run.event === "push";
  const owner = run.headRepository?.fullName.split("/")[0];
  const asks = run.event === "pull_request" && owner !== undefined && run.headBranch !== null;
  const mayBeApproved =
    asks && !approved && inputs.forks === "label" && run.headRepository?.id !== repository.id;
  const [tip, tagOfThatName, pullRequests, forkApproved] = await Promise.all([
    github.branchTip(defaultBranch),
    isPush ? github.tagCommit(defaultBranch) : undefined,
    asks ? github.openPullRequests(owner, run.headBranch ?? "") : [],
    mayBeApproved ? isApproved(github, run.headSha) : approved,
  ]);
  return { tip, pullRequests, forkApproved, ...(tagOfThatName === undefined ? {} : { tagOfThatName }) };
}

function subjectOf({ inputs, runner }: BuildContext, decision: Exclude<RunDecision, Nothing>): Subject {
  const common = { project: inputs.projectName, commit: decision.commit, runUrl: runner.runUrl };
  return decision.kind === "preview"
    ? { ...common, environment: "preview", pullRequest: decision.pullRequest }
    : { ...common, environment: "production" };
}
