import type { Check, Finding } from "../../findings.ts";
import type { Listed } from "./list.ts";
import type { Looked } from "./look-at-all.ts";
import type { Verdict } from "./seen.ts";

/** A deployment that was deleted because it showed something. */
export interface Deleted {
  readonly id: string;
  readonly origin: string;
  /** Still shown there after it was deleted. */
  readonly lingers: boolean;
}

/** Everything that an audit found out, for issue, summary, SARIF and evidence. */
export interface Audited {
  readonly project: string;
  readonly signInHostProject: string;
  readonly repository: string;
  /** Tip of the default branch, whose policy counts. */
  readonly commit: string;
  readonly policyPath: string;
  readonly policyDigest: string;
  readonly runUrl: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  readonly listed: Listed;
  /** As last seen: what was deleted since is in `deleted`, and not here. */
  readonly looked: readonly Looked[];
  readonly deleted: readonly Deleted[];
  readonly checks: readonly Check[];
}

/** The worst first; of one severity in the order of the checks. */
export function findingsOf({ checks }: Pick<Audited, "checks">): Finding[] {
  const rank = { open: 0, wrong: 1, soon: 2 };
  return checks.flatMap(({ findings }) => findings).toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

export function countVerdicts(looked: readonly Looked[]): Readonly<Record<Verdict, number>> {
  const counts = { closed: 0, public: 0, open: 0, nothing: 0, unproven: 0 };
  for (const { sighting } of looked) counts[sighting.verdict] += 1;
  return counts;
}

/** The one sentence that tells how it went. */
export function verdictOf(audited: Audited): string {
  const { looked, deleted } = audited;
  const { closed, public: free, open, unproven } = countVerdicts(looked);
  const parts = [
    `${looked.length} addresses: ${closed} closed`,
    ...(free > 0 ? [`${free} public by policy`] : []),
    `${open} open`,
    `${unproven} not proved closed`,
    ...(deleted.length > 0 ? [`${deleted.length} open deployments deleted`] : []),
    `${findingsOf(audited).length} findings`,
  ];
  return parts.join(", ");
}
