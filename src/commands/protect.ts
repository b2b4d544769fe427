import { unsupported } from "../command.ts";
import type { ActionContext, BuildContext } from "../context.ts";
import { type ActionError, asActionError } from "../errors.ts";
import { type Deployable, protect } from "../steps/protect.ts";
import { reportBegin, reportEnd, reportSuperseded, writeEvidence } from "../steps/report.ts";
import { type Draft, type Outcome, type Subject, verdict } from "../steps/report-model.ts";
import { reportMarkdown } from "../steps/report-text.ts";
import { decideRun, type RepositoryFacts } from "../steps/which-run.ts";

/**
 * The `protect` command. What it found is reported in either case, then a failure is thrown.
 * @throws ActionError event-unsupported; what ended the run
 */
export async function runProtect({ event, ...rest }: ActionContext): Promise<void> {
  if (event.name !== "workflow_run") throw unsupported(event);
  await protectBuild({ ...rest, event });
}

async function protectBuild(context: BuildContext): Promise<void> {
  const began = context.now();
  const facts = await repositoryFacts(context);
  const decision = decideRun(context.event, facts);
  if (decision.kind === "nothing") {
    context.log.notice("Nothing to deploy", `${decision.explanation} (${decision.reason})`);
    await context.addSummary(`Entra Gate: nothing to deploy. ${decision.explanation}\n`);
    setOutputs(context, undefined);
    return;
  }
  const draft: Draft = { subject: subjectOf(context, decision), changes: [], gated: false, verified: false };
  await reportBegin(context, draft.subject);
  const error = await attempt(() => protect(context, decision, facts.tip, draft));
  if (error?.code === "superseded") return stepAside(context, draft.subject, error);
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
async function stepAside(context: BuildContext, subject: Subject, error: ActionError): Promise<void> {
  context.log.notice("Superseded", error.explanation);
  await context.addSummary(`Entra Gate: superseded. ${error.detail}\n`);
  setOutputs(context, undefined);
  await reportSuperseded(context, subject);
}

/** All that the decision needs of GitHub, in as few calls as the event allows. */
async function repositoryFacts({ github, event }: BuildContext): Promise<RepositoryFacts> {
  const { run: build, defaultBranch } = event;
  const isPush = build.event === "push";
  const owner = build.headRepository?.fullName.split("/")[0];
  const asks = build.event === "pull_request" && owner !== undefined && build.headBranch !== null;
  const [tip, tagOfThatName, pullRequests] = await Promise.all([
    github.branchTip(defaultBranch),
    isPush ? github.tagCommit(defaultBranch) : undefined,
    asks ? github.openPullRequests(owner, build.headBranch ?? "") : [],
  ]);
  return { tip, pullRequests, ...(tagOfThatName === undefined ? {} : { tagOfThatName }) };
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
    buildRun: context.event.run.id,
    policyPath: context.inputs.policyPath,
    began,
    ended: context.now(),
  });
  context.setOutput("evidence-path", evidence);
  await context.addSummary(reportMarkdown(outcome, { changes: true }));
  await reportEnd(context, outcome, githubDeployment);
}

function setOutputs(context: ActionContext, outcome: Outcome | undefined): void {
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
