import type { ActionContext } from "../context.ts";
import { type ActionError, asActionError } from "../errors.ts";
import { readAuditInputs } from "../inputs-audit.ts";
import { audit } from "../steps/audit/audit.ts";
import { writeFiles } from "../steps/audit/evidence.ts";
import { failureOf } from "../steps/audit/failure.ts";
import { type IssueOutcome, keepIssue } from "../steps/audit/issue.ts";
import { type Audited, countVerdicts, findingsOf, verdictOf } from "../steps/audit/result.ts";
import { look } from "../steps/audit/sighting.ts";
import { summaryMarkdown } from "../steps/audit/words.ts";
import { onDefaultBranch } from "../steps/default-branch.ts";
import { renewHost } from "../steps/renew.ts";
import { version } from "../version.ts";

/** Milliseconds for the report, whatever was left for the work. */
const reportTime = 4 * 60_000;

/**
 * The `audit` command, on a schedule or by hand: what gets old is renewed, then everything is looked at again. What it
 * found is reported in any case; then what is open, wrong or not proved fails the run.
 * @throws ActionError event-unsupported, branch-not-default, inputs-invalid, renewal-failed, audit-found; what ended
 *   the run
 */
export async function runAudit(context: ActionContext): Promise<void> {
  const wanted = readAuditInputs(context.env);
  const branch = await onDefaultBranch(context);
  const renewal = await renewHost(context, branch);
  for (const change of renewal?.changes ?? []) context.log.info(`Changed: ${change}`);
  const before = renewal === undefined ? [] : [renewal.check];
  const audited = await audit(context, { tip: branch.tip, before, look, ...wanted });
  context.deadline.wrapUp(reportTime);
  const unreported = await report(context, audited);
  const failed = failureOf(audited);
  if (failed !== undefined && unreported !== undefined)
    context.log.warning("Not reported", unreported.message);
  const error = failed ?? unreported;
  if (error !== undefined) throw error;
  context.log.info(`Entra Gate: ${verdictOf(audited)}.`);
}

/** Files, outputs and summary first: they can't fail for reasons outside this machine. */
async function report(context: ActionContext, audited: Audited): Promise<ActionError | undefined> {
  const { runner, trail, setOutput, addSummary, github, log } = context;
  const { closed, open, unproven } = countVerdicts(audited.looked);
  remember(context, audited);
  const files = await writeFiles(runner.temp, audited, version, trail.events);
  const outputs = {
    closed: String(closed),
    open: String(open),
    unproven: String(unproven),
    deleted: String(audited.deleted.length),
    findings: String(findingsOf(audited).length),
    "findings-path": files.findings,
    "evidence-path": files.evidence,
    "evidence-markdown-path": files.markdown,
    "sarif-path": files.sarif,
  };
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
  await addSummary(summaryMarkdown(audited));
  try {
    const outcome = await keepIssue(github, audited);
    tell(log, outcome);
    setOutput("issue-url", "issue" in outcome ? outcome.issue.url : "");
    return undefined;
  } catch (thrown) {
    return asActionError(thrown);
  }
}

function tell(log: ActionContext["log"], outcome: IssueOutcome): void {
  if ("issue" in outcome) log.info(`Issue ${outcome.kind}: ${outcome.issue.url}`);
  else if (outcome.kind === "off")
    log.warning("No issue", "This repository has issues switched off; the summary has what was found.");
}

/** For the audit page of the sign-in host. */
function remember({ trail, inputs }: ActionContext, audited: Audited): void {
  const failed = failureOf(audited);
  trail.add({
    activity: "read",
    entity: { type: "site", uid: inputs.projectName },
    project: inputs.projectName,
    comment: verdictOf(audited),
    ...(failed === undefined ? {} : { failure: failed.code }),
  });
}
