import type { ProbeReport, ProbeResult } from "./types.ts";

const shown = 12;
const order: readonly ProbeResult["outcome"][] = ["open", "broken", "inconclusive"];

/** What went wrong, for people: the figures, then the worst probes by name. Never content. */
export function describeReport(report: ProbeReport): string {
  const { total, open, inconclusive, broken } = report;
  const bad = order.flatMap((outcome) => report.results.filter((result) => result.outcome === outcome));
  const lines = bad
    .slice(0, shown)
    .map((one) => `${one.outcome}: ${one.method} ${one.origin}${one.target} (${one.kind}): ${one.reason}`);
  if (bad.length > shown) lines.push(`and ${bad.length - shown} more`);
  return [`${total} probes: ${open} open, ${inconclusive} inconclusive, ${broken} broken.`, ...lines].join(
    "\n",
  );
}
