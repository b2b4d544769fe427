import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import { forMarkdown } from "../../escape.ts";
import type { Check } from "../../findings.ts";
import { type ControlId, controls, evidenceFor } from "./controls.ts";
import { type Audited, countVerdicts, findingsOf, verdictOf } from "./result.ts";
import { sarifOf } from "./sarif.ts";
import { code, countsTable, deletedList, findingsTable, notCheckedList } from "./words.ts";

/** Of a check: nothing found, something found, or not looked at. */
export type CheckResult = "as wanted" | "finding" | "not checked";

export interface Files {
  readonly evidence: string;
  readonly markdown: string;
  readonly findings: string;
  readonly sarif: string;
}

/**
 * Writes what was checked, when and with which result: whole as JSON, for people as Markdown, the findings alone, and
 * as SARIF. Files of several projects stand beside each other.
 * @param folder of the runner that outlives the step
 * @param version of the action
 */
export async function writeFiles(
  folder: string,
  audited: Audited,
  version: string,
  events: readonly AuditEvent[],
): Promise<Files> {
  const write = async (place: string, name: string, text: string): Promise<string> => {
    const below = join(folder, "entra-gate", place);
    await mkdir(below, { recursive: true });
    await writeFile(join(below, name), text);
    return join(below, name);
  };
  const own = join("audit", audited.project);
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  return {
    evidence: await write(own, "evidence.json", json(evidenceOf(audited, version, events))),
    markdown: await write(own, "evidence.md", evidenceMarkdown(audited, version)),
    findings: await write(own, "findings.json", json(findingsOf(audited))),
    sarif: await write("sarif", `${audited.project}.sarif`, json(sarifOf(audited, version))),
  };
}

function evidenceOf(audited: Audited, version: string, events: readonly AuditEvent[]): object {
  const { looked, listed, began, ended, checks, ...rest } = audited;
  return {
    format: 1,
    action: { name: "entra-gate", version },
    command: "audit",
    began: new Date(began).toISOString(),
    ended: new Date(ended).toISOString(),
    ...rest,
    result: verdictOf(audited),
    listed: { deployments: listed.deployments.length, complete: listed.complete },
    counts: countVerdicts(looked),
    controls: controlRows(checks).map(({ id, results }) => ({ id, ...controls[id], checks: results })),
    checks: checks.map((check) => ({ ...check, result: resultOf(check) })),
    addresses: looked.map(({ target, sighting, at }) => ({
      address: target.origin,
      kind: target.kind,
      environment: target.expected.environment,
      ...(target.deployment === undefined
        ? {}
        : {
            deployment: target.deployment.id,
            made: target.deployment.created_on,
            branch: target.deployment.deployment_trigger?.metadata?.branch ?? "",
          }),
      at: new Date(at).toISOString(),
      result: sighting.verdict,
      reason: sighting.reason,
      ...(sighting.gate === undefined ? {} : { gate: sighting.gate }),
      asked: sighting.seen.map(({ target: path, status }) => `GET ${path}: ${status}`),
    })),
    events,
  };
}

export function resultOf({ findings, notChecked }: Check): CheckResult {
  if (findings.length > 0) return "finding";
  return notChecked === undefined ? "as wanted" : "not checked";
}

interface ControlRow {
  readonly id: ControlId;
  readonly results: readonly { readonly code: string; readonly result: CheckResult; readonly at: string }[];
}

/** Each control with the checks that are evidence for it; of one code with several subjects the worst result. */
export function controlRows(checks: readonly Check[]): ControlRow[] {
  const rank = { finding: 0, "not checked": 1, "as wanted": 2 };
  return (Object.keys(controls) as ControlId[]).map((id) => {
    const byCode = new Map<string, ControlRow["results"][number]>();
    for (const check of checks.filter((one) => controlsOf(one.code).includes(id))) {
      const known = byCode.get(check.code);
      const result = resultOf(check);
      if (known === undefined || rank[result] < rank[known.result])
        byCode.set(check.code, { code: check.code, result, at: check.at });
    }
    return { id, results: [...byCode.values()] };
  });
}

/** A check that the table does not name is monitoring and nothing more. */
function controlsOf(name: string): readonly ControlId[] {
  return evidenceFor[name]?.of ?? ["CC7.2", "A.8.16"];
}

const findingsRoom = 400_000;

function evidenceMarkdown(audited: Audited, version: string): string {
  const { project, repository, commit, policyDigest, policyPath, began, ended, runUrl, checks } = audited;
  const findings = findingsOf(audited);
  const facts: (readonly [string, string])[] = [
    ["Pages project", project],
    ["Repository", repository],
    ["Commit whose policy counts", commit],
    ["Policy", `${policyPath}, ${policyDigest}`],
    ["Began", new Date(began).toISOString()],
    ["Ended", new Date(ended).toISOString()],
    ["Workflow run", runUrl],
    ["Action", `entra-gate ${version}`],
    ["Result", verdictOf(audited)],
  ];
  return `${[
    `# Audit of ${forMarkdown(project)}`,
    "What was checked, when and with which result, and for which controls that is evidence. It supports an audit; whether a control is met is for the auditor to say.",
    ["| | |", "|---|---|", ...facts.map(([name, value]) => `| ${name} | ${forMarkdown(value)} |`)].join("\n"),
    countsTable(audited),
    "## Controls",
    controlsTable(checks),
    "## Checks",
    checksTable(checks),
    ...(findings.length === 0 ? [] : ["## Findings", findingsTable(findings, findingsRoom)]),
    deletedList(audited),
    notCheckedList(audited),
    "Every address with what was seen there stands in evidence.json beside this file.",
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

function controlsTable(checks: readonly Check[]): string {
  const rows = controlRows(checks).map(({ id, results }) => {
    const { framework, title } = controls[id];
    const said = results.map(({ code: name, result }) => `${code(name)}: ${result}`).join("<br>");
    return `| ${framework} | ${id} | ${title} | ${said || "nothing was checked"} |`;
  });
  return ["| Framework | Control | | Evidence |", "|---|---|---|---|", ...rows].join("\n");
}

function checksTable(checks: readonly Check[]): string {
  const rows = checks.map((check) => {
    const what = evidenceFor[check.code]?.what ?? "";
    const count = check.findings.length;
    const result = resultOf(check);
    return `| ${code(check.code)} | ${what} | ${forMarkdown(check.subject)} | ${check.at} | ${result}${count > 0 ? ` (${count})` : ""} |`;
  });
  return ["| Check | | Of | When | Result |", "|---|---|---|---|---|", ...rows].join("\n");
}
