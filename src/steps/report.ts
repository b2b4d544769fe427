import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEvent } from "../../contract/audit/model.ts";
import type { Environment } from "../../contract/policy/model.ts";
import type { GitHubClient } from "../clients/github.ts";
import { version } from "../version.ts";
import { writeStickyComment } from "./report-github.ts";
import { type Draft, type Outcome, type Subject, verdict } from "./report-model.ts";
import { reportMarkdown, statusLine } from "./report-text.ts";

export interface ReportOptions {
  readonly github: GitHubClient;
  readonly inputs: { readonly statusName: string };
}

/** Name of the environment that GitHub shows a project's deployments under. */
export function environmentName(project: string, environment: Environment): string {
  return `${project} (${environment})`;
}

/** Tells GitHub that a run is under way; until it ends, the commit's status is pending. */
export async function reportBegin({ github, inputs }: ReportOptions, subject: Subject): Promise<void> {
  await github.setCommitStatus(subject.commit, {
    state: "pending",
    context: inputs.statusName,
    description: "Putting the gate in front and checking it",
    url: subject.runUrl,
  });
}

/**
 * The commit was not deployed, or is not any more, and will not be.
 * @param why by what; the operator reads it in the status
 */
export async function reportSuperseded(
  { github, inputs }: ReportOptions,
  { subject, githubDeployment }: Pick<Draft, "subject" | "githubDeployment">,
  why: string,
): Promise<void> {
  if (githubDeployment !== undefined)
    await github.setDeploymentStatus(githubDeployment, {
      state: "inactive",
      description: `Superseded. ${why}`,
    });
  await github.setCommitStatus(subject.commit, {
    state: "error",
    context: inputs.statusName,
    description: `Superseded. ${why}`,
    url: subject.runUrl,
  });
}

/**
 * Makes the GitHub deployment, which the pull request shows with its state: pending, until the run says more.
 * @returns its id
 */
export function reportDeploying(
  { github }: ReportOptions,
  { subject, mode }: Pick<Outcome, "subject" | "mode">,
): Promise<number> {
  return github.createDeployment({
    commit: subject.commit,
    environment: environmentName(subject.project, subject.environment),
    production: subject.environment === "production",
    ...(subject.pullRequest === undefined ? {} : { pullRequest: subject.pullRequest }),
    description: mode === "report" ? "Entra Gate in report mode: not closed" : "Behind Entra Gate",
  });
}

/** Deployment status, comment and commit status; the commit status last, since a merge may wait for it. */
export async function reportEnd(
  { github, inputs }: ReportOptions,
  outcome: Outcome,
  githubDeployment: number | undefined,
): Promise<void> {
  const { subject, deployment, error } = outcome;
  const line = statusLine(outcome);
  if (githubDeployment !== undefined) {
    const url = deployment?.aliases[0] ?? deployment?.url;
    await github.setDeploymentStatus(githubDeployment, {
      state: error === undefined ? "success" : "failure",
      description: line,
      logUrl: subject.runUrl,
      ...(error === undefined && url !== undefined ? { environmentUrl: url } : {}),
    });
  }
  if (subject.pullRequest !== undefined)
    await writeStickyComment(
      github,
      subject.pullRequest,
      subject.project,
      reportMarkdown(outcome, { changes: false }),
    );
  await github.setCommitStatus(subject.commit, {
    state: error === undefined ? "success" : "failure",
    context: inputs.statusName,
    description: line,
    url: subject.runUrl,
  });
}

export interface EvidenceContext {
  readonly repository: string;
  /** Absent where no workflow run of this repository built the site. */
  readonly buildRun?: number;
  readonly policyPath: string;
  readonly began: number;
  readonly ended: number;
  /** What the run changed outside, as audit events. */
  readonly events: readonly AuditEvent[];
}

/**
 * Writes what was checked, when and with which result, with the digest of every file that was deployed.
 * @param folder of the runner that outlives the step
 * @returns the file's path
 */
export async function writeEvidence(
  folder: string,
  outcome: Outcome,
  context: EvidenceContext,
): Promise<string> {
  const { error, subject, ...rest } = outcome;
  const evidence = {
    format: 1,
    action: { name: "entra-gate", version },
    began: new Date(context.began).toISOString(),
    ended: new Date(context.ended).toISOString(),
    repository: context.repository,
    ...(context.buildRun === undefined ? {} : { buildRun: context.buildRun }),
    policyPath: context.policyPath,
    ...subject,
    result: verdict(outcome),
    ...(error === undefined ? {} : { error: { code: error.code, detail: error.detail } }),
    ...rest,
    events: context.events,
  };
  const path = join(folder, "entra-gate", `evidence-${subject.project}.json`);
  await mkdir(join(folder, "entra-gate"), { recursive: true });
  await writeFile(path, `${JSON.stringify(evidence, null, 2)}\n`);
  return path;
}
