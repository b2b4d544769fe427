import { actionErrors } from "../../contract/errors/action.ts";
import { siteEndpoints } from "../../contract/names/endpoints.ts";
import { forHtml, forMarkdown } from "../escape.ts";
import type { MachineCheck } from "./machines.ts";
import type { PolicyChange } from "./policy-change.ts";
import { countOutcomes, type Outcome, verdict } from "./report-model.ts";
import type { ProbeReport } from "./types.ts";

/** What the sticky comment of a project starts with; GitHub does not show it. */
export function commentMarker(project: string): string {
  return `<!-- entra-gate ${project} -->`;
}

const shownProbes = 20;
const shownChanges = 20;

/** Comment on the pull request and, with all changes, the job's summary. Everything from outside is escaped. */
export function reportMarkdown(outcome: Outcome, options: { readonly changes: boolean }): string {
  const { subject, deployment, error } = outcome;
  const good = error === undefined;
  const icon = good ? (outcome.gated || outcome.merging ? "🔒" : "⚠️") : "❌";
  const parts = [
    `### ${icon} Entra Gate · ${forMarkdown(subject.project)} · ${subject.environment}`,
    ...(error === undefined ? [] : [failure(outcome)]),
    // Without a bundle of the action's own there is no picture.
    ...(good && outcome.gated && deployment?.bundle ? [card(deployment.url)] : []),
    table(rows(outcome)),
    ...(outcome.policyChange === undefined ? [] : [policyChange(outcome.policyChange)]),
    ...probeTables(outcome),
    ...(options.changes && outcome.changes.length > 0
      ? [`**Changed**\n\n${outcome.changes.map((change) => `- ${forMarkdown(change)}`).join("\n")}`]
      : []),
    `<sub><a href="${forHtml(subject.runUrl)}">This run</a> has the log and the evidence file.</sub>`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function failure({ error }: Outcome): string {
  if (error === undefined) return "";
  const lines = error.detail === "" ? [] : error.detail.split("\n").slice(0, 40);
  return [
    `**\`${error.code}\`** ${forMarkdown(actionErrors[error.code].operator)}`,
    ...lines.map((line) => `> ${forMarkdown(line)}`),
  ].join("\n");
}

/** The policy that counts is the default branch's: this is what merging would make of it. */
function policyChange({ rules, entra, tests, problems }: PolicyChange): string {
  const list = (lines: readonly string[]) => {
    const shown = lines.slice(0, shownChanges).map((line) => `- ${forMarkdown(line)}`);
    return lines.length > shownChanges ? [...shown, `- and ${lines.length - shownChanges} more`] : shown;
  };
  if (problems.length > 0)
    return [
      "**This pull request makes the policy unusable**; merged, it would stop every deployment:",
      ...list(problems),
    ].join("\n");
  const unchanged = rules.length + entra.length === 0;
  return [
    `**This pull request changes the policy**, from when it is merged${unchanged ? "; nobody sees more or less by it" : ""}:`,
    ...list(rules),
    ...list(entra.map((line) => `in Entra: ${line}`)),
    `- its tests: ${tests.passed} passed, ${tests.failed.length} failed`,
    ...list(tests.failed),
  ].join("\n");
}

function card(url: string): string {
  const address = forHtml(url);
  return `<a href="${address}"><img src="${address}${siteEndpoints.card}" alt="Sign in to view" width="480"></a>`;
}

function rows(outcome: Outcome): (readonly [string, string])[] {
  const { subject, deployment, error } = outcome;
  const alias = deployment?.aliases[0];
  const live = error === undefined;
  return [
    ...(live && alias !== undefined ? [[subject.environment, link(alias)] as const] : []),
    ...(live && deployment !== undefined ? [["This commit", link(deployment.url)] as const] : []),
    ["Commit", code(subject.commit.slice(0, 12))],
    ["Gate", gateRow(outcome)],
    ...(outcome.signInOrigin === undefined
      ? []
      : [["Sign-in host", code(new URL(outcome.signInOrigin).host)] as const]),
    ...(outcome.rehearsal === undefined
      ? []
      : [["Rehearsed before upload", forMarkdown(countOutcomes(outcome.rehearsal))] as const]),
    ...(outcome.verification === undefined
      ? []
      : [["Checked from outside", forMarkdown(countOutcomes(outcome.verification))] as const]),
    ...(outcome.machines === undefined
      ? []
      : [["Asked with a session", machinesRow(outcome.machines)] as const]),
    ...(outcome.policyDigest === undefined
      ? []
      : [["Policy", code(outcome.policyDigest.slice(0, 12))] as const]),
  ];
}

function machinesRow(machines: readonly MachineCheck[]): string {
  const count = (admitted: boolean) => machines.filter((machine) => machine.admitted === admitted).length;
  return `${count(true)} applications let in, ${count(false)} kept out, as the policy says`;
}

function gateRow(outcome: Outcome): string {
  if (outcome.error !== undefined) return "nothing new is live";
  if (outcome.merging) return "would be in front; nothing is deployed before the merge";
  if (outcome.mode === "report")
    return "**report mode**: everybody is let through; what the rules would deny is only logged";
  return outcome.gated ? "in front" : "**none**: the default branch's policy leaves production open";
}

function link(url: string): string {
  return `<a href="${forHtml(url)}">${forMarkdown(url)}</a>`;
}

/** Not between ticks: what stands there is taken as it is, ticks and bars included. */
function code(text: string): string {
  return `<code>${forMarkdown(text)}</code>`;
}

function table(all: readonly (readonly [string, string])[]): string {
  const lines = all.map(([name, value]) => `| ${name} | ${value} |`);
  return ["| | |", "|---|---|", ...lines].join("\n");
}

function probeTables({ rehearsal, verification }: Outcome): string[] {
  return [
    ...findings("Found in the rehearsal, before anything was uploaded", rehearsal),
    ...findings("Found from outside", verification),
  ];
}

/** What was open, broken or inconclusive; never what it showed. */
function findings(title: string, report: ProbeReport | undefined): string[] {
  const bad = (report?.results ?? []).filter(({ outcome }) => outcome !== "closed" && outcome !== "public");
  if (bad.length === 0) return [];
  const lines = bad
    .slice(0, shownProbes)
    .map(
      ({ outcome, method, origin, target, kind, status, reason }) =>
        `| **${outcome}** | ${forMarkdown(`${method} ${origin}${target}`)} | ${forMarkdown(kind)} | ${status} | ${forMarkdown(reason)} |`,
    );
  const more =
    bad.length > shownProbes ? [`| | and ${bad.length - shownProbes} more in the evidence file | | | |`] : [];
  return [
    [
      `**${title}**`,
      "",
      "| | Request | Kind | Status | Seen |",
      "|---|---|---|---|---|",
      ...lines,
      ...more,
    ].join("\n"),
  ];
}

/** One line for the commit status. */
export function statusLine(outcome: Outcome): string {
  const line = verdict(outcome);
  return `${line[0]?.toUpperCase() ?? ""}${line.slice(1)}`;
}
