import type { ActionContext } from "../context.ts";
import { type ActionError, asActionError } from "../errors.ts";
import { reportEnd, writeEvidence } from "./report.ts";
import { type Draft, type Outcome, verdict } from "./report-model.ts";
import { reportMarkdown } from "./report-text.ts";
import type { Nothing } from "./which-run.ts";

/** There is nothing to do for this event, which is no failure: says why. */
export async function leave(
  context: Pick<ActionContext, "log" | "addSummary" | "setOutput">,
  { reason, explanation }: Nothing,
): Promise<void> {
  context.log.notice("Nothing to deploy", `${explanation} (${reason})`);
  await context.addSummary(`Entra Gate: nothing to deploy. ${explanation}\n`);
  setOutputs(context, undefined);
}

export interface Ended {
  /** What ended the run before its time. */
  readonly error: ActionError | undefined;
  /** Milliseconds since 1970. */
  readonly began: number;
  /** Id of the workflow run that built the site; absent where none did. */
  readonly buildRun?: number;
}

/**
 * Tells everybody what came of a run, then ends as it ended.
 * @throws ActionError what ended the run, else what kept it from being told
 */
export async function conclude(context: ActionContext, draft: Draft, ended: Ended): Promise<void> {
  const { githubDeployment, ...found } = draft;
  const { error } = ended;
  const outcome: Outcome = {
    ...found,
    ...(error === undefined ? {} : { error, gated: false, verified: false }),
  };
  const unreported = await attempt(() => tell(context, outcome, githubDeployment, ended));
  if (error !== undefined) {
    if (unreported !== undefined) context.log.warning("Not reported", unreported.message);
    throw error;
  }
  if (unreported !== undefined) throw unreported;
  context.log.info(`Entra Gate: ${verdict(outcome)}`);
}

/** Outputs and evidence first: they can't fail for reasons outside this machine. */
async function tell(
  context: ActionContext,
  outcome: Outcome,
  githubDeployment: number | undefined,
  { began, buildRun }: Ended,
): Promise<void> {
  setOutputs(context, outcome);
  for (const change of outcome.changes) context.log.info(`Changed: ${change}`);
  const evidence = await writeEvidence(context.runner.temp, outcome, {
    repository: context.runner.repository,
    ...(buildRun === undefined ? {} : { buildRun }),
    policyPath: context.inputs.policyPath,
    began,
    ended: context.now(),
    events: context.trail.events,
  });
  context.setOutput("evidence-path", evidence);
  await context.addSummary(reportMarkdown(outcome, { changes: true }));
  await reportEnd(context, outcome, githubDeployment);
}

export function setOutputs(context: Pick<ActionContext, "setOutput">, outcome: Outcome | undefined): void {
  const live = outcome?.error === undefined ? outcome?.deployment : undefined;
  context.setOutput("deployment-url", live?.url ?? "");
  context.setOutput("alias-url", live?.aliases[0] ?? "");
  context.setOutput("deployment-id", live?.id ?? "");
  context.setOutput("verified", String(outcome?.verified ?? false));
  context.setOutput("gated", String(outcome?.gated ?? false));
}

/** What some work ends with, where that is an error. */
export async function attempt(work: () => Promise<void>): Promise<ActionError | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    return asActionError(thrown);
  }
}
