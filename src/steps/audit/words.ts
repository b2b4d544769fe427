import { forHtml, forMarkdown } from "../../escape.ts";
import type { Finding } from "../../findings.ts";
import { type Audited, countVerdicts, findingsOf } from "./result.ts";

/** Between ticks text would be taken as it stands, ticks and bars included. */
export const code = (text: string): string => `<code>${forMarkdown(text)}</code>`;

const icons = { open: "🔴", wrong: "🟠", soon: "🟡" } as const;
const meanings = {
  open: "shows something to the world",
  wrong: "weakens or breaks the gate, or was not proved",
  soon: "will, or is out of date",
} as const;
const whos = {
  entra: "Entra administrator",
  cloudflare: "Cloudflare administrator",
  github: "repository administrator",
  developer: "developer",
} as const;

/**
 * Findings as a table, the worst first, as many as fit.
 * @param room characters
 */
export function findingsTable(findings: readonly Finding[], room: number): string {
  const head = ["| | What | Where | What to do | Who |", "|---|---|---|---|---|"];
  const lines: string[] = [];
  let length = head.join("\n").length;
  for (const { severity, code: name, subject, text, remedy, who } of findings) {
    const line = `| ${icons[severity]} ${severity} | ${code(name)}<br>${forMarkdown(text)} | ${forMarkdown(subject)} | ${forMarkdown(remedy)} | ${whos[who]} |`;
    if (length + line.length > room) break;
    lines.push(line);
    length += line.length + 1;
  }
  const more = findings.length - lines.length;
  return [...head, ...lines, ...(more > 0 ? [`| | and ${more} more in the evidence file | | | |`] : [])].join(
    "\n",
  );
}

/** `2 open, 1 wrong` with what the words mean. */
export function severities(findings: readonly Finding[]): string {
  const parts = (["open", "wrong", "soon"] as const).flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${icons[severity]} **${count} ${severity}** (${meanings[severity]})`];
  });
  return parts.length === 0 ? "Nothing was found." : parts.join(", ");
}

/** What was looked at, in a few lines. */
export function countsTable(audited: Audited): string {
  const { looked, deleted, listed } = audited;
  const counts = countVerdicts(looked);
  const notChecked = audited.checks.filter((check) => check.notChecked !== undefined).length;
  const rows: (readonly [string, number])[] = [
    ["Deployments listed", listed.deployments.length],
    ["Addresses asked from outside", looked.length],
    ["closed", counts.closed],
    ["public, as the default branch's policy says", counts.public],
    ["open", counts.open],
    ["not proved closed", counts.unproven],
    ["nothing deployed there", counts.nothing],
    ["open deployments deleted by this run", deleted.length],
    ["other checks", audited.checks.length],
    ["checks that could not be made", notChecked],
  ];
  return ["| | |", "|---|---:|", ...rows.map(([name, count]) => `| ${name} | ${count} |`)].join("\n");
}

/** Checks that could not be made, with what they need. */
export function notCheckedList({ checks }: Audited): string {
  const lines = checks.flatMap(({ code: name, subject, notChecked }) =>
    notChecked === undefined
      ? []
      : [
          `- ${code(name)} ${forMarkdown(subject)}: ${forMarkdown(notChecked.why)} ${forMarkdown(notChecked.remedy)} (${whos[notChecked.who]})`,
        ],
  );
  return lines.length === 0 ? "" : `**Not looked at, so nothing is known**\n\n${lines.join("\n")}`;
}

export function deletedList({ deleted }: Audited): string {
  if (deleted.length === 0) return "";
  const shown = deleted
    .slice(0, 100)
    .map(({ origin, lingers }) => `- ${forMarkdown(origin)}${lingers ? " ⚠️ still shows something" : ""}`);
  const more = deleted.length > 100 ? [`- and ${deleted.length - 100} more`] : [];
  return ["**Open, and deleted by this run**", "", ...shown, ...more].join("\n");
}

/** The job's summary. */
export function summaryMarkdown(audited: Audited): string {
  const findings = findingsOf(audited);
  const icon = findings.length === 0 ? "🔒" : icons[findings[0]?.severity ?? "soon"];
  return `${[
    `### ${icon} Entra Gate · ${forMarkdown(audited.project)} · audit`,
    severities(findings),
    countsTable(audited),
    ...(findings.length === 0 ? [] : [findingsTable(findings, 200_000)]),
    deletedList(audited),
    notCheckedList(audited),
    `<sub><a href="${forHtml(audited.runUrl)}">This run</a> has the log and the evidence files.</sub>`,
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}
