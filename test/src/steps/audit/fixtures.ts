import type { PagesDeployment } from "../../../../src/clients/cloudflare-model.ts";
import type { Finding } from "../../../../src/findings.ts";
import type { Looked } from "../../../../src/steps/audit/look-at-all.ts";
import type { Audited } from "../../../../src/steps/audit/result.ts";
import type { GateStatus, Verdict } from "../../../../src/steps/audit/seen.ts";

export const now = Date.parse("2026-11-25T05:17:00Z");
const day = 86_400_000;

export interface Wanted {
  readonly id: string;
  readonly verdict?: Verdict;
  readonly kind?: "deployment" | "alias" | "domain";
  readonly environment?: "preview" | "production";
  /** Days before `now`. */
  readonly age?: number;
  readonly gate?: Partial<GateStatus>;
  readonly message?: string;
}

const bundle = "0".repeat(32);
export const digest = "d".repeat(32);

export function deployment({ id, environment = "preview", age = 1, message }: Wanted): PagesDeployment {
  return {
    id,
    url: `https://${id}.site.pages.dev`,
    environment,
    created_on: new Date(now - age * day).toISOString(),
    aliases: [],
    deployment_trigger: {
      metadata: { branch: "pr-1", commit_hash: "", commit_message: message ?? `[entra-gate ${bundle}] x` },
    },
  };
}

/** What was seen at one address. */
export function looked(wanted: Wanted): Looked {
  const { id, verdict = "closed", kind = "deployment", environment = "preview", gate } = wanted;
  const status = { role: "site", version: "0.1.0", environment, policy: digest, bundle, ...gate } as const;
  return {
    target: {
      origin: `https://${id}.site.pages.dev`,
      kind,
      ...(kind === "domain" ? {} : { deployment: deployment(wanted) }),
      expected: { environment, paths: ["/"] },
    },
    sighting: {
      verdict,
      reason: `${verdict} for a reason`,
      seen: [],
      ...(verdict === "closed" ? { gate: status } : {}),
    },
    at: now,
  };
}

export const finding = (changes: Partial<Finding> = {}): Finding => ({
  code: "address-open",
  severity: "open",
  subject: "https://1.site.pages.dev",
  text: "Shows something.",
  remedy: "Delete it.",
  who: "developer",
  ...changes,
});

export function audited(findings: readonly Finding[], changes: Partial<Audited> = {}): Audited {
  const at = new Date(now).toISOString();
  return {
    project: "site",
    signInHostProject: "acme-sign-in",
    repository: "acme/site",
    commit: "c".repeat(40),
    policyPath: "gate.json",
    policyDigest: digest,
    runUrl: "https://github.com/acme/site/actions/runs/1",
    began: now - 60_000,
    ended: now,
    listed: { deployments: [], complete: true },
    looked: [],
    deleted: [],
    checks: [{ code: "addresses-closed", subject: "site", at, findings }],
    ...changes,
  };
}
