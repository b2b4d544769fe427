import { createHash } from "node:crypto";
import { forLog } from "../../escape.ts";
import type { Finding, Severity } from "../../findings.ts";
import { type Audited, findingsOf } from "./result.ts";

/** Code scanning shows 5,000 results of a run and refuses more than 25,000 (GitHub, "SARIF support for code scanning"). */
const shown = 5_000;

const levels = { open: "error", wrong: "warning", soon: "note" } as const satisfies Record<Severity, string>;
/** By which GitHub ranks security findings: above 9.0 critical, from 4.0 medium, below low. */
const scores = { open: "9.5", wrong: "6.0", soon: "3.0" } as const satisfies Record<Severity, string>;

/**
 * The findings as SARIF 2.1.0, for GitHub's code scanning. A finding is about an address or a setting; the file it is
 * filed under is the policy. The fingerprint is of code and subject, so that a finding stays the same alert.
 * @param version of the action
 */
export function sarifOf(audited: Audited, version: string): object {
  const findings = findingsOf(audited).slice(0, shown);
  const codes = new Map(findings.map((finding) => [finding.code, finding]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "Entra Gate", semanticVersion: version, rules: [...codes.values()].map(ruleOf) },
        },
        automationDetails: { id: `entra-gate-audit/${audited.project}/` },
        results: findings.map((finding) => resultOf(finding, audited.policyPath)),
      },
    ],
  };
}

function ruleOf({ code, severity, remedy }: Finding): object {
  const name = code.replaceAll("-", " ");
  return {
    id: code,
    name: code,
    shortDescription: { text: `Entra Gate: ${name}` },
    fullDescription: { text: `What the audit calls ${code}` },
    help: { text: plain(remedy) },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ["security"], "security-severity": scores[severity], precision: "very-high" },
  };
}

function resultOf({ code, severity, subject, text, remedy }: Finding, uri: string): object {
  const fingerprint = createHash("sha256").update(`${code}\n${subject}`).digest("hex").slice(0, 32);
  return {
    ruleId: code,
    level: levels[severity],
    message: { text: plain(`${subject}: ${text} ${remedy}`) },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
    partialFingerprints: { primaryLocationLineHash: fingerprint },
  };
}

/** Brackets would be a link and braces a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function plain(text: string): string {
  return forLog(text.replace(/\s*\n\s*/g, " ")).replace(/[[\]{}]/g, (character) =>
    "[{".includes(character) ? "(" : ")",
  );
}
