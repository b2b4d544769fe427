import { execFileSync } from "node:child_process";
import type { Call } from "../../../local/call-log.ts";
import { callName, isActionsOwn } from "../../../local/call-name.ts";
import type { GitHubEvent } from "../../../local/github/index.ts";
import type { Company, Ran } from "../company.ts";

/** Before the call takes effect, or after it did and before anybody hears of it. */
export const moments = ["before", "after"] as const;

/** One call of a run, and on which side of it the machine goes away. */
export interface Point {
  /** As `callName` says it. */
  readonly call: string;
  /** The how manieth of that name, from 1. */
  readonly nth: number;
  readonly when: (typeof moments)[number];
}

export function pointName({ call, nth, when }: Point): string {
  return `${when} ${call} (${nth})`;
}

type Named = Pick<Call, "service" | "method" | "host" | "path" | "agent">;

/** The action's own calls, those of the wrangler that it starts, and its probes, which say nothing of who they are. */
export function isOutside({ service, agent }: Named): boolean {
  return isActionsOwn({ agent }) || agent.startsWith("wrangler") || (service === "site" && agent === "");
}

/** Whether a call of that name may change what it asks about; of the others it makes no difference whether they were answered. */
export function mayWrite(call: string): boolean {
  return !/ (GET|HEAD|OPTIONS) /.test(call) && !/^(entra|site) /.test(call);
}

/**
 * Each outside call of a run that was left alone. Of the probes, which are hundreds of one name, the first is taken:
 * all of them come while a deployment is up and nothing has been said of it.
 */
export function pointsOf(calls: readonly Call[]): Point[] {
  const counts = new Map<string, number>();
  const points: Point[] = [];
  for (const call of calls.filter(isOutside)) {
    const name = callName(call);
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    if (nth > 1 && name.startsWith("site ") && call.agent === "") continue;
    const whens = mayWrite(name) ? moments : (["before"] as const);
    for (const when of whens) points.push({ call: name, nth, when });
  }
  return points;
}

export interface Killed extends Ran {
  /** Whether the run got to the point. */
  readonly killed: boolean;
}

/** Runs what the events start and kills the action with all that it has started, as a machine that goes away does. */
export async function runAndKill(
  company: Company,
  events: readonly GitHubEvent[],
  point: Point,
): Promise<Killed> {
  const { faults } = company.world;
  let action: number | undefined;
  let killed = false;
  let seen = 0;
  faults.add({
    which: (arrival) => {
      if (action === undefined || killed || !isOutside(arrival) || callName(arrival) !== point.call)
        return false;
      seen += 1;
      killed = seen === point.nth;
      return killed;
    },
    what: {
      kind: "tell",
      when: point.when,
      tell: async () => {
        if (action !== undefined) killTree(action);
      },
    },
  });
  const ran = await company.run(events, {
    onProgress: (progress) => {
      if (progress.kind === "action-started") action = progress.pid;
    },
  });
  faults.clear();
  return { ...ran, killed };
}

/** A process with its children and theirs: wrangler and workerd have process groups of their own. */
function killTree(root: number): void {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const doomed = new Set([root]);
  for (let size = 0; size !== doomed.size; ) {
    size = doomed.size;
    for (const [pid = 0, parent = 0] of rows) if (doomed.has(parent)) doomed.add(pid);
  }
  for (const pid of doomed) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}
