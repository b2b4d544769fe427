import type { Task } from "./names.ts";
import type { BenchRuntime, Spans, Timing } from "./runtime.ts";

const requests = 500;
/** Visitors that the gate has never seen, in each round others; making a session takes longer than checking it. */
const newVisitors = 150;
/** Access fetches its keys for each request; fewer do. */
const accessRequests = 60;
const rounds = 12;
/** Rounds at the start that only make V8 compile what is hot. */
const warmUp = 3;

/** How many visitors take turns in the figure for many sessions. */
export const manySessions = 1000;
export const ruleCounts = [10, 100, 1000] as const;

/** So many sessions the bench has to be given: those of the crowd, the new ones of each round, and one more. */
export const sessionsNeeded = manySessions + (warmUp + rounds) * newVisitors + 1;

const one: Task = { subject: "gate", gate: "memo", count: requests, rules: 10, sessions: 1, first: 0 };

const tasks = {
  empty: { ...one, subject: "empty" },
  bare: { ...one, subject: "bare" },
  memo: one,
  cold: { ...one, gate: "cold", count: newVisitors, sessions: newVisitors },
  rules100: { ...one, gate: "rules100", rules: 100 },
  rules1000: { ...one, gate: "rules1000", rules: 1000 },
  sessions1000: { ...one, gate: "crowd", count: manySessions, sessions: manySessions },
  hono: { ...one, subject: "oidc-auth" },
  access: { ...one, subject: "access", count: accessRequests },
} as const satisfies Readonly<Record<string, Task>>;

export type Name = keyof typeof tasks;

function taskOf(name: Name, round: number): Task {
  return name === "cold" ? { ...tasks.cold, first: manySessions + round * newVisitors } : tasks[name];
}

/** Microseconds a request, medians over the rounds. */
export type Medians = Readonly<Record<Name, Spans>>;

export interface Measurement {
  /** Processor time where the system tells it, else the wall clock. */
  readonly clock: "cpu" | "wall";
  readonly medians: Medians;
  /** By the wall clock: right on a quiet machine only. */
  readonly wall: Medians;
  /** Fetches that the gate made for all signed-in requests after its first one. */
  readonly signedInSubrequests: number;
}

/**
 * Runs every task in every round, so that whatever slows the machine down for a while slows all of them down.
 *
 * @throws Error where a request was not answered by the site, or an audit event is missing: then nothing was measured
 */
export async function measure(bench: BenchRuntime): Promise<Measurement> {
  const timings = new Map<Name, Timing[]>();
  const names = Object.keys(tasks) as Name[];
  let signedInSubrequests = 0;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of names) {
      const task = taskOf(name, round);
      const timing = await bench.run(task);
      check(name, task, timing);
      if (task.subject === "gate") signedInSubrequests += timing.subrequests;
      if (round >= warmUp) timings.set(name, [...(timings.get(name) ?? []), timing]);
    }
  }
  const mediansOf = (spans: (timing: Timing) => Spans | undefined): Medians =>
    Object.fromEntries(
      names.map((name) => [name, medianSpans(tasks[name].count, timings.get(name) ?? [], spans)]),
    ) as unknown as Medians;
  const wall = mediansOf((timing) => timing.wall);
  const clock = (timings.get("empty") ?? []).every(({ cpu }) => cpu !== undefined) ? "cpu" : "wall";
  return { clock, medians: clock === "cpu" ? mediansOf(({ cpu }) => cpu) : wall, wall, signedInSubrequests };
}

function check(name: Name, { subject, count }: Task, { answered, lines }: Timing): void {
  if (subject !== "empty" && answered !== count)
    throw new Error(`${name}: the site answered ${answered} of ${count} requests`);
  if (subject === "gate" && lines !== count)
    throw new Error(`${name}: ${lines} audit events for ${count} requests`);
}

function medianSpans(
  count: number,
  timings: readonly Timing[],
  spans: (timing: Timing) => Spans | undefined,
): Spans {
  const of = (part: keyof Spans): number =>
    (median(timings.map((timing) => spans(timing)?.[part] ?? Number.NaN)) * 1000) / count;
  return { answers: of("answers"), deferred: of("deferred") };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
