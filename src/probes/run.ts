import { siteEndpoints } from "../../contract/names/endpoints.ts";
import { openProbeClient, type ProbeClient } from "../../contract/probes/client.ts";
import type { Bundle, ProbeReport, ProbeResult } from "../steps/types.ts";
import { type ClosedContent, learnClosedContent } from "./content.ts";
import { forgedSession } from "./forged-session.ts";
import { judge } from "./judge.ts";
import { type Probe, probesFor } from "./list.ts";
import { pathRules } from "./public.ts";
import { readSitePaths } from "./site-paths.ts";

/** All that one bundle is asked, ready to be asked of any origin that serves it. */
export interface ProbePlan {
  readonly bundle: Bundle;
  readonly probes: readonly Probe[];
  readonly closed: ClosedContent;
  /** What `/.auth/status` must say where it is not the action that made the bundle, and nobody knows its id. */
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface ProbeOptions {
  /** Milliseconds for one exchange. */
  readonly timeout: number;
  /** How often a probe without a clear answer is made, the first time included. */
  readonly attempts: number;
  /** How often `status` is asked until it names this bundle: a deployment takes its time to appear everywhere. */
  readonly statusAttempts: number;
  /** Milliseconds between attempts. */
  readonly pause: number;
  /** Called before each exchange, with 0 before the first one; what it throws ends the check. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Nothing but this bundle was ever served at the origin: content there is proof at once, and no longer waited out. */
  readonly fresh?: boolean;
}

const atOnce = 6;
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * Reads a gated bundle and works out its probes.
 *
 * @throws TypeError where the bundle has no gate, since then there is nothing to prove
 */
export async function planProbes(bundle: Bundle): Promise<ProbePlan> {
  if (bundle.config === undefined) throw new TypeError("only a gated bundle can be probed");
  const rules = pathRules(bundle.config.policy);
  const paths = await readSitePaths(bundle);
  return { bundle, probes: probesFor(bundle, paths, rules), closed: await learnClosedContent(bundle, rules) };
}

/**
 * Asks one origin everything. First `/.auth/status` must name this bundle and this policy; where it never does,
 * nothing else is worth asking but whether content shows, so the rest is asked once.
 *
 * @param origin scheme, host and port
 */
export async function probeOrigin(
  origin: string,
  plan: ProbePlan,
  options: ProbeOptions,
): Promise<ProbeReport> {
  const client = openProbeClient(origin, options.timeout);
  try {
    const status = await probeStatus(client, origin, plan, options);
    const attempts = status.outcome === "public" ? options.attempts : 1;
    const results = await inParallel(plan.probes, (probe) =>
      probeOnce(client, origin, disguised(probe, plan, origin), plan.closed, { ...options, attempts }),
    );
    return reportOf([status, ...results]);
  } finally {
    client.close();
  }
}

function disguised(probe: Probe, { bundle: { config } }: ProbePlan, origin: string): Probe {
  if (probe.forgesSession !== true || config === undefined) return probe;
  return { ...probe, headers: { ...probe.headers, cookie: forgedSession(config, origin, Date.now()) } };
}

/** Joins what was found at several origins. */
export function joinReports(reports: readonly ProbeReport[]): ProbeReport {
  return reportOf(reports.flatMap(({ results }) => results));
}

export function reportOf(results: readonly ProbeResult[]): ProbeReport {
  const count = (outcome: ProbeResult["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  const [open, inconclusive, broken] = [count("open"), count("inconclusive"), count("broken")];
  return {
    total: results.length,
    open,
    inconclusive,
    broken,
    ok: results.length > 0 && open + inconclusive + broken === 0,
    results,
  };
}

async function probeStatus(
  client: ProbeClient,
  origin: string,
  { bundle, closed, status: wanted = namedBy(bundle) }: ProbePlan,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const asked = { origin, method: "GET", target: siteEndpoints.status, kind: "status" } as const;
  let seen: StatusReading = { status: 0, reason: "no answer" };
  for (let attempt = 1; attempt <= options.statusAttempts; attempt += 1) {
    await (options.wait ?? sleep)(attempt > 1 ? options.pause : 0);
    seen = await readStatus(client, asked.target, wanted, closed);
    if (seen.reason === undefined) {
      const reason = `names this ${Object.keys(wanted).join(", ")}`;
      return { ...asked, outcome: "public", status: seen.status, reason };
    }
    if (seen.leaked === true && options.fresh === true) break;
  }
  const { status, reason = "", leaked = false } = seen;
  return { ...asked, outcome: leaked ? "open" : "inconclusive", status, reason };
}

interface StatusReading {
  readonly status: number;
  /** Why it is not this bundle that answers; absent where it is. */
  readonly reason?: string;
  readonly leaked?: boolean;
}

async function readStatus(
  client: ProbeClient,
  target: string,
  wanted: Readonly<Record<string, unknown>>,
  closed: ClosedContent,
): Promise<StatusReading> {
  try {
    const { status, headers, body, sha256 } = await client.send({ method: "GET", target, headers: {} });
    const leaked = closed.find(body, sha256);
    if (leaked !== undefined) return { status, reason: `answered with content of ${leaked}`, leaked: true };
    if (headers["cf-mitigated"] !== undefined) {
      return { status, reason: "Cloudflare answered with a challenge instead of the site" };
    }
    if (status !== 200) return { status, reason: `answered ${status}` };
    const named = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const wrong = Object.entries(wanted).find(([key, value]) => named[key] !== value);
    return wrong === undefined
      ? { status }
      : { status, reason: `names another ${wrong[0]} than the one deployed` };
  } catch (error) {
    return { status: 0, reason: `no readable answer: ${(error as Error).message}` };
  }
}

function namedBy({ id, config, environment }: Bundle): Readonly<Record<string, unknown>> {
  return { role: "site", bundle: id, policy: config?.policy.digest, environment };
}

async function probeOnce(
  client: ProbeClient,
  origin: string,
  probe: Probe,
  closed: ClosedContent,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const { method, target, kind } = probe;
  let result: ProbeResult = {
    origin,
    method,
    target,
    kind,
    outcome: "inconclusive",
    status: 0,
    reason: "not asked",
  };
  for (let attempt = 1; attempt <= options.attempts; attempt += 1) {
    await (options.wait ?? sleep)(attempt > 1 ? options.pause : 0);
    try {
      const answer = await client.send(probe);
      result = { ...result, status: answer.status, ...judge(answer, probe, closed, origin) };
    } catch (error) {
      result = {
        ...result,
        status: 0,
        outcome: "inconclusive",
        reason: `no answer: ${(error as Error).message}`,
      };
    }
    if (result.outcome !== "inconclusive") return result;
  }
  return result;
}

async function inParallel<In, Out>(list: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < list.length; index = next++) {
      results[index] = await work(list[index] as In);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
