import { answerHeaders } from "../../contract/names/headers.ts";
import { openProbeClient } from "../../contract/probes/client.ts";
import { ActionError } from "../errors.ts";
import { joinReports, type ProbeOptions, type ProbePlan, planProbes, probeOrigin } from "../probes/run.ts";
import { describeReport } from "./probe-report.ts";
import type { Bundle, Deployment, ProbeReport } from "./types.ts";

/** What is open should be told of soon: whoever reads the report can disable what a cover did not reach. */
const coverAttempts = 15;

const patient: ProbeOptions = { timeout: 20_000, attempts: 4, statusAttempts: 45, pause: 2_000 };

/**
 * Asks a deployment from outside, without a session, on every origin under which it can be reached.
 *
 * @param bundle what was deployed
 * @param origins the deployment's own URL first, where nothing else was ever served; then its aliases, and for
 *   production every domain
 */
export async function verify(
  bundle: Bundle,
  origins: readonly string[],
  options: Partial<ProbeOptions> = {},
): Promise<ProbeReport> {
  return verifyPlan(await planProbes(bundle), origins, options);
}

/** The same with probes that are worked out already. */
export async function verifyPlan(
  plan: ProbePlan,
  origins: readonly string[],
  options: Partial<ProbeOptions> = {},
): Promise<ProbeReport> {
  const reports: ProbeReport[] = [];
  for (const origin of new Set(origins.map((one) => new URL(one).origin))) {
    const fresh = reports.length === 0;
    const found = reports.some(({ open }) => open > 0);
    // What is open under its own URL is not waited for under another one.
    const patience = found ? { statusAttempts: 1 } : {};
    reports.push(await probeOrigin(origin, plan, { ...patient, ...options, ...patience, fresh }));
  }
  return joinReports(reports);
}

/** Where a deployment answers: under its own URL, its aliases, and what else is named. */
export function originsOf(deployment: Deployment, others: readonly string[] = []): string[] {
  return [...new Set([deployment.url, ...deployment.aliases, ...others].map((one) => new URL(one).origin))];
}

/** @throws ActionError `verify-open`, `verify-inconclusive`, each with what was seen */
export function requireClosed(report: ProbeReport): void {
  if (report.open > 0) throw new ActionError("verify-open", describeReport(report));
  if (!report.ok) throw new ActionError("verify-inconclusive", describeReport(report));
}

/**
 * Waits until a deny-all deployment answers at each of these origins.
 *
 * @param cover what `withdraw` put there
 * @returns the origins that still answer with something else
 */
export async function uncovered(
  cover: Deployment,
  origins: readonly string[],
  options: Partial<ProbeOptions> = {},
): Promise<string[]> {
  const { timeout, statusAttempts, pause, wait } = { ...patient, statusAttempts: coverAttempts, ...options };
  const sleep =
    wait ?? ((milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
  const isCovered = async (origin: string): Promise<boolean> => {
    for (let attempt = 1; attempt <= statusAttempts; attempt += 1) {
      if (attempt > 1) await sleep(pause);
      if (await answersFor(cover, origin, timeout)) return true;
    }
    return false;
  };
  const covered = await Promise.all(origins.map(isCovered));
  return origins.filter((_, index) => covered[index] !== true);
}

/** By its worker, or by its 404 page where Cloudflare does not run the worker: there is nothing else in it. */
async function answersFor(cover: Deployment, origin: string, timeout: number): Promise<boolean> {
  const client = openProbeClient(origin, timeout);
  try {
    const { status, headers, body } = await client.send({ method: "GET", target: "/", headers: {} });
    if (status === 403) return headers[answerHeaders.reference] === cover.bundle;
    return status === 404 && body.includes(cover.bundle);
  } catch {
    return false;
  } finally {
    client.close();
  }
}
