import { mostRemembered } from "../pages-plugin/src/session/site-session.ts";
import type { Task } from "./names.ts";
import type { BenchRuntime, Spans, Timing } from "./runtime.ts";

/**
 * Many short rounds and not a few long ones: what other processes, or a neighbour on the same iron, do to the machine
 * comes in bursts, and a burst spoils the rounds it falls into.
 */
const rounds = 40;
/** Rounds at the start that only make V8 compile what is hot, and visit the whole crowd twice. */
const warmUp = 10;
/** Enough for each round to have its share of garbage collection. */
const requests = 250;
/** Visitors that the gate does not remember, in each round others. */
const newVisitors = 150;
/** Rounds after which the first of them come again: by then so many others have come that they are forgotten. */
const newRounds = Math.ceil(mostRemembered / newVisitors) + 1;
/** Access fetches its keys for each request. */
const accessRequests = 20;

/** Visitors who take turns in the figure for many sessions, so many of them in each round. */
const crowd = 1000;
const slices = crowd / requests;

export const ruleCounts = [10, 100, 1000] as const;

/** So many sessions the bench has to be given: those of the crowd, the new ones, and one more. */
export const sessionsNeeded = crowd + newRounds * newVisitors + 1;

const one: Task = { subject: "gate", gate: "memo", count: requests, rules: 10, sessions: 1, first: 0 };

const tasks = {
  empty: { ...one, subject: "empty" },
  bare: { ...one, subject: "bare" },
  memo: one,
  cold: { ...one, gate: "cold", count: newVisitors, sessions: newVisitors },
  rules100: { ...one, gate: "rules100", rules: 100 },
  rules1000: { ...one, gate: "rules1000", rules: 1000 },
  sessions1000: { ...one, gate: "crowd", sessions: requests },
  hono: { ...one, subject: "oidc-auth" },
  access: { ...one, subject: "access", count: accessRequests },
} as const satisfies Readonly<Record<string, Task>>;

export type Name = keyof typeof tasks;

function taskOf(name: Name, round: number): Task {
  if (name === "cold") return { ...tasks.cold, first: crowd + (round % newRounds) * newVisitors };
  if (name === "sessions1000") return { ...tasks.sessions1000, first: (round % slices) * requests };
  return tasks[name];
}

/** Microseconds a request. */
export type Times = Readonly<Record<Name, Spans>>;

export interface Measurement {
  /** Processor time where the system tells it, else the wall clock. */
  readonly clock: "cpu" | "wall";
  /** Medians over the rounds. */
  readonly medians: Times;
  /** The fastest round of each: far below the medians on a machine that has other things to do. */
  readonly fastest: Times;
  /** Medians by the wall clock: right on a quiet machine only. */
  readonly wall: Times;
  /** Fetches that the gate made for all signed-in requests after its first one. */
  readonly signedInSubrequests: number;
}

type Rounds = ReadonlyMap<Name, readonly Timing[]>;

/**
 * Runs every task in every round, so that whatever slows the machine down for a while slows all of them down; each
 * time in another order, so that no task always pays for the garbage of the same one before it.
 *
 * @throws Error where a request was not answered by the site, or an audit event is missing: then nothing was measured
 */
export async function measure(bench: BenchRuntime): Promise<Measurement> {
  const names = Object.keys(tasks) as Name[];
  const timings = new Map<Name, Timing[]>(names.map((name) => [name, []]));
  let signedInSubrequests = 0;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of shuffled(names)) {
      const task = taskOf(name, round);
      const timing = await bench.run(task);
      check(name, task, timing);
      if (task.subject === "gate") signedInSubrequests += timing.subrequests;
      if (round >= warmUp) timings.get(name)?.push(timing);
    }
  }
  const cpu = [...timings.values()].flat().every((timing) => timing.cpu !== undefined);
  const spans = (timing: Timing): Spans => (cpu && timing.cpu) || timing.wall;
  return {
    clock: cpu ? "cpu" : "wall",
    medians: timesOf(timings, spans, median),
    fastest: timesOf(timings, spans, (values) => Math.min(...values)),
    wall: timesOf(timings, ({ wall }) => wall, median),
    signedInSubrequests,
  };
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

function check(name: Name, { subject, count }: Task, { answered, lines }: Timing): void {
  if (subject !== "empty" && answered !== count)
    throw new Error(`${name}: the site answered ${answered} of ${count} requests`);
  if (subject === "gate" && lines !== count)
    throw new Error(`${name}: ${lines} audit events for ${count} requests`);
}

/** One figure for each task, without what an empty round takes, for one request. */
function timesOf(
  timings: Rounds,
  spans: (timing: Timing) => Spans,
  pick: (values: readonly number[]) => number,
): Times {
  const total = (name: Name, part: keyof Spans): number =>
    pick((timings.get(name) ?? []).map((timing) => spans(timing)[part]));
  const each = (name: Name, part: keyof Spans): number =>
    ((total(name, part) - total("empty", part)) * 1000) / tasks[name].count;
  return Object.fromEntries(
    [...timings.keys()].map((name) => [
      name,
      { answers: each(name, "answers"), deferred: each(name, "deferred") },
    ]),
  ) as unknown as Times;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
