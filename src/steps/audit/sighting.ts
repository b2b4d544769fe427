import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import type { Environment } from "../../../contract/policy/model.ts";
import { openProbeClient } from "../../../contract/probes/client.ts";
import { type GateStatus, gateStatusOf, judgeClosed, judgeStatus, type Seen, type Verdict } from "./seen.ts";

/** What has to be true of an origin for it to count as closed. */
export interface Expected {
  readonly environment: Environment;
  /** Paths that nobody may see without a session; empty where the policy lets anyone see everything. */
  readonly paths: readonly string[];
  /** The bundle that Cloudflare's list names for this very deployment; absent for aliases and domains. */
  readonly bundle?: string;
  /** Nothing was deployed there, or not to its end: that nothing is shown is as it should be. */
  readonly mayBeEmpty?: boolean;
}

/** What was seen at one origin. */
export interface Sighting {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly seen: readonly Seen[];
  readonly gate?: GateStatus;
}

/** Asks one origin. @param timeout milliseconds for one answer */
export type Look = (origin: string, expected: Expected, timeout: number) => Promise<Sighting>;

/** Three requests over one connection, none of them with a session. */
export const look: Look = async (origin, expected, timeout) => {
  const client = openProbeClient(origin, timeout);
  const seen: Seen[] = [];
  let gate: GateStatus | undefined;
  const ask = async (target: string, judge: typeof judgeClosed): Promise<void> => {
    try {
      const answer = await client.send({ method: "GET", target, headers: {} });
      if (target === siteEndpoints.status) gate = gateStatusOf(answer);
      seen.push(judge(answer, target, origin));
    } catch {
      seen.push({ target, verdict: "unproven", status: 0, reason: "did not answer" });
    }
  };
  try {
    await ask(siteEndpoints.status, (answer) => judgeStatus(answer, origin));
    for (const path of expected.paths) await ask(path, judgeClosed);
  } finally {
    client.close();
  }
  return { ...conclude(seen, gate, expected), seen, ...(gate === undefined ? {} : { gate }) };
};

/** Joins what was seen: anything open makes it open, anything unclear unproven. */
export function conclude(
  seen: readonly Seen[],
  gate: GateStatus | undefined,
  expected: Expected,
): Pick<Sighting, "verdict" | "reason"> {
  if (expected.mayBeEmpty === true && seen.every(({ status }) => status === 0 || status >= 400))
    return { verdict: "nothing", reason: "nothing is deployed there" };
  if (expected.paths.length === 0)
    return { verdict: "public", reason: "the default branch's policy lets anyone see it" };
  const open = seen.find(({ verdict }) => verdict === "open");
  if (open !== undefined) return { verdict: "open", reason: `${open.target} ${open.reason}` };
  const unclear = seen.find(({ verdict }) => verdict !== "closed");
  if (unclear !== undefined) return { verdict: "unproven", reason: `${unclear.target} ${unclear.reason}` };
  if (gate === undefined) return { verdict: "closed", reason: "refuses everything" };
  return contradiction(gate, expected) ?? { verdict: "closed", reason: "refused by its gate" };
}

/** A gate answers, but not the one that should be there. */
function contradiction(
  { role, environment, bundle, mode }: GateStatus,
  expected: Expected,
): Pick<Sighting, "verdict" | "reason"> | undefined {
  const unproven = (reason: string) => ({ verdict: "unproven", reason }) as const;
  if (mode === "report") return { verdict: "open", reason: "its gate only reports, it closes nothing" };
  if (role === "host") return unproven("a sign-in host answers where the site should");
  if (environment !== expected.environment) return unproven("its gate is another environment's");
  if (expected.bundle !== undefined && bundle !== expected.bundle)
    return unproven("another bundle answers than the one that was deployed");
  return undefined;
}
