import { forMarkdown } from "../escape.ts";
import type { Check, Finding, Who } from "../findings.ts";
import { blocksProtect } from "../inspect/codes.ts";

const hands: Readonly<Record<Who, string>> = {
  entra: "an Entra administrator",
  cloudflare: "a Cloudflare administrator",
  github: "a repository administrator",
  developer: "a maintainer of the repository",
};

type State = "as wanted" | "missing" | "to mend" | "not checked";

const marks: Readonly<Record<State, string>> = {
  "as wanted": "✅",
  missing: "❌",
  "to mend": "⚠️",
  "not checked": "❔",
};

/** One line of the table: a finding, or a check without any. */
export interface DoctorRow {
  readonly check: string;
  readonly state: State;
  readonly subject: string;
  readonly code?: string;
  readonly text?: string;
  readonly remedy?: string;
  readonly who?: Who;
}

/** The output `doctor`: everything that was looked at, in a fixed order. */
export function doctorJson(checks: readonly Check[]): DoctorRow[] {
  return checks.flatMap(({ code: check, subject, findings, notChecked }): DoctorRow[] => {
    if (notChecked !== undefined) {
      const { why: text, remedy, who } = notChecked;
      return [{ check, state: "not checked", subject, text, remedy, who }];
    }
    if (findings.length === 0) return [{ check, state: "as wanted", subject }];
    return findings.map((finding) => ({ check, state: stateOf(finding), ...particulars(finding) }));
  });
}

function stateOf(finding: Finding): State {
  return blocksProtect(finding) ? "missing" : "to mend";
}

function particulars({ subject, code, text, remedy, who }: Finding) {
  return { subject, code, text, remedy, who };
}

/** The same for the log, one line each. */
export function doctorLines(checks: readonly Check[]): string[] {
  return doctorJson(checks).map(({ state, check, subject, code, text, remedy, who }) => {
    const head = `${marks[state]} ${check} (${subject}): ${state}`;
    if (text === undefined || who === undefined) return head;
    return `${head}${code === undefined ? "" : `, ${code}`}. ${text} → ${hands[who]}: ${remedy}`;
  });
}

/**
 * The same for the job summary.
 * @param subject of the job's ID token; undefined where it has none
 */
export function doctorMarkdown(checks: readonly Check[], subject: string | undefined): string {
  const rows = doctorJson(checks);
  const count = (state: State): number => rows.filter((row) => row.state === state).length;
  const counted = (Object.keys(marks) as State[]).map((state) => `${count(state)} ${state}`).join(", ");
  return [
    `### Entra Gate: ${counted}`,
    "",
    ...(subject === undefined ? [] : [`Subject of this job's ID token: ${forMarkdown(subject)}`, ""]),
    "| | What | About | Found | What to do | Who |",
    "|---|---|---|---|---|---|",
    ...rows.map(({ state, check, subject: about, text = state, remedy = "", who }) => {
      const cells = [check, about, text, remedy, who === undefined ? "" : hands[who]];
      return `| ${marks[state]} | ${cells.map(forMarkdown).join(" | ")} |`;
    }),
    "",
  ].join("\n");
}
