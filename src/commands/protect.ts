import { unsupported } from "../command.ts";
import type { ActionContext, BuildContext } from "../context.ts";
import { wrapUpTime } from "../deadline.ts";
import { type ActionError, asActionError } from "../errors.ts";
import { forMarkdown } from "../escape.ts";
import type { BuildEvent } from "../event.ts";
import { approveFork, isApproved } from "../steps/fork-approval.ts";
import { buildOfThisRun } from "../steps/one-job.ts";
import { type Deployable, protect } from "../steps/protect.ts";
import { reportBegin, reportEnd, reportSuperseded, writeEvidence } from "../steps/report.ts";
import { type Draft, type Outcome, type Subject, verdict } from "../steps/report-model.ts";
import { reportMarkdown } from "../steps/report-text.ts";
import { decideRun, type Nothing, type RepositoryFacts } from "../steps/which-run.ts";

/**
 * The `protect` command. What it found is reported in either case, then a failure is thrown.
 * @throws ActionError event-unsupported; what ended the run
 */
export async function runProtect(context: ActionContext): Promise<void> {
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

async function leave(
  context: Pick<ActionContext, "log" | "addSummary" | "setOutput">,
  { reason, explanation }: Nothing,
): Promise<void> {
  context.log.notice("Nothing to deploy", `${explanation} (${reason})`);
  await context.addSummary(`Entra Gate: nothing to deploy. ${explanation}\n`);
  setOutputs(context, undefined);
}

/** @param approved the commit is a fork's and was approved by this run */
async function protectBuild(context: BuildContext, approved: boolean): Promise<void> {
  const began = context.now();
  const facts = await repositoryFacts(context, approved);
  const decision = decideRun(context.build, facts);
  if (decision.kind === "nothing") return leave(context, decision);
  const draft: Draft = { subject: subjectOf(context, decision), changes: [], gated: false, verified: false };
  await reportBegin(context, draft.subject);
  const error = await attempt(() => protect(context, decision, facts.tip, draft));
  context.deadline.wrapUp(wrapUpTime.report);
  if (error?.code === "superseded") return stepAside(context, draft, error);
  const { githubDeployment, ...found } = draft;
  const outcome: Outcome = {
    ...found,
    ...(error === undefined ? {} : { error, gated: false, verified: false }),
  };
  const unreported = await attempt(() => tell(context, outcome, githubDeployment, began));
  if (error !== undefined) {
    if (unreported !== undefined) context.log.warning("Not reported", unreported.message);
    throw error;
  }
  if (unreported !== undefined) throw unreported;
  context.log.info(`Entra Gate: ${verdict(outcome)}`);
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

function subjectOf({ inputs, runner }: BuildContext, decision: Deployable): Subject {
  const common = { project: inputs.projectName, commit: decision.commit, runUrl: runner.runUrl };
  return decision.kind === "production"
    ? { ...common, environment: "production" }
    : { ...common, environment: "preview", pullRequest: decision.pullRequest };
}

/** Outputs and evidence first: they can't fail for reasons outside this machine. */
async function tell(
  context: BuildContext,
  outcome: Outcome,
  githubDeployment: number | undefined,
  began: number,
): Promise<void> {
  setOutputs(context, outcome);
  for (const change of outcome.changes) context.log.info(`Changed: ${change}`);
  const evidence = await writeEvidence(context.runner.temp, outcome, {
    repository: context.runner.repository,
    buildRun: context.build.run.id,
    policyPath: context.inputs.policyPath,
    began,
    ended: context.now(),
    events: context.trail.events,
  });
  context.setOutput("evidence-path", evidence);
  await context.addSummary(reportMarkdown(outcome, { changes: true }));
  await reportEnd(context, outcome, githubDeployment);
}

function setOutputs(context: Pick<ActionContext, "setOutput">, outcome: Outcome | undefined): void {
  const live = outcome?.error === undefined ? outcome?.deployment : undefined;
  context.setOutput("deployment-url", live?.url ?? "");
  context.setOutput("alias-url", live?.aliases[0] ?? "");
  context.setOutput("deployment-id", live?.id ?? "");
  context.setOutput("verified", String(outcome?.verified ?? false));
  context.setOutput("gated", String(outcome?.gated ?? false));
}

async function attempt(work: () => Promise<void>): Promise<ActionError | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    return asActionError(thrown);
  }
}
