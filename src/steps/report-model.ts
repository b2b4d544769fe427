import type { Environment } from "../../contract/policy/model.ts";
import type { ActionError } from "../errors.ts";
import type { MachineCheck } from "./machines.ts";
import type { PolicyChange } from "./policy-change.ts";
import type { BundleFile, Deployment, ProbeReport } from "./types.ts";

/** What the run is about; known before anything is deployed. */
export interface Subject {
  readonly project: string;
  readonly environment: Environment;
  readonly commit: string;
  readonly pullRequest?: number;
  /** Address of this workflow run. */
  readonly runUrl: string;
}

/** Everything that a run found out, for comment, summary, status and evidence. */
export interface Outcome {
  readonly subject: Subject;
  /** The gate stands in front of what was deployed and enforces its rules. */
  readonly gated: boolean;
  /** The gate is there, but the default branch's policy says that it only reports. */
  readonly mode?: "report";
  /** Every probe from outside came out closed, or public by the policy. */
  readonly verified: boolean;
  /** A merge group: rehearsed, not deployed. */
  readonly merging?: true;
  readonly deployment?: Deployment;
  /** What the pull request would change of the policy. */
  readonly policyChange?: PolicyChange;
  readonly rehearsal?: ProbeReport;
  readonly verification?: ProbeReport;
  /** Applications that asked for a session, where a test application is set. */
  readonly machines?: readonly MachineCheck[];
  readonly policyDigest?: string;
  readonly signInOrigin?: string;
  readonly bundle?: {
    readonly id: string;
    readonly kind: string;
    readonly files: readonly BundleFile[];
    readonly digest?: string;
    /** Digests of the modules that workerd was started with, and of those that were uploaded. */
    readonly modules?: {
      readonly rehearsed: Readonly<Record<string, string>>;
      readonly uploaded: Readonly<Record<string, string>>;
      readonly same: boolean;
    };
  };
  /** What was changed at Entra and Cloudflare, in words; no value of a secret. */
  readonly changes: readonly string[];
  readonly error?: ActionError;
}

/** An outcome while it comes about: each step adds what it found. */
export interface Draft {
  readonly subject: Subject;
  readonly changes: string[];
  gated: boolean;
  verified: boolean;
  readonly merging?: true;
  mode?: "report";
  policyChange?: PolicyChange;
  deployment?: Deployment;
  rehearsal?: ProbeReport;
  verification?: ProbeReport;
  machines?: readonly MachineCheck[];
  policyDigest?: string;
  signInOrigin?: string;
  bundle?: NonNullable<Outcome["bundle"]>;
  /** Id of the GitHub deployment, once there is one. */
  githubDeployment?: number;
}

/** `closed`, `public` and the rest, counted. */
export function countOutcomes(report: ProbeReport): string {
  const closed = report.results.filter(({ outcome }) => outcome === "closed").length;
  const open = report.results.filter(({ outcome }) => outcome === "public").length;
  const parts = [
    `${closed} closed`,
    ...(open > 0 ? [`${open} public by policy`] : []),
    `${report.open} open`,
  ];
  if (report.inconclusive > 0) parts.push(`${report.inconclusive} inconclusive`);
  if (report.broken > 0) parts.push(`${report.broken} broken`);
  return `${report.total} probes: ${parts.join(", ")}`;
}

/** The one sentence that tells how it went. */
export function verdict(outcome: Outcome): string {
  if (outcome.error !== undefined) return `failed: ${outcome.error.code}`;
  if (outcome.merging) {
    const { rehearsal } = outcome;
    return rehearsal === undefined
      ? "nothing deployed yet; the policy would leave production without a gate"
      : `closed in the rehearsal, nothing deployed yet: ${countOutcomes(rehearsal)}`;
  }
  if (outcome.mode === "report") return "not closed: report mode only logs what the rules would deny";
  if (!outcome.gated) return "deployed without a gate, as the default branch's policy says";
  const { verification } = outcome;
  return verification === undefined ? "deployed" : `closed, ${countOutcomes(verification)}`;
}
