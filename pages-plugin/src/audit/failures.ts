import type { Deps } from "../http/deps.ts";

/** Counts what a sink did not take. */
export interface Failures {
  /** Events that this isolate could not hand over since it began. */
  readonly count: number;
  /** @param events how many were lost; `error` is what the sink said, of which only the kind is told on */
  add(events: number, error: unknown): void;
}

const logEvery = 60_000;

/** One line a minute at most: a sink that is down fails for every request. */
export function createFailures({ now, log }: Pick<Deps, "now" | "log">): Failures {
  let count = 0;
  let next = 0;
  return {
    get count() {
      return count;
    },
    add(events, error) {
      count += events;
      if (now() < next) return;
      next = now() + logEvery;
      // What a sink says may quote the event, which is about somebody; its name does not.
      const detail = error instanceof Error ? error.name : typeof error;
      log(JSON.stringify({ level: "error", code: "audit-sink-failed", failed: count, detail }));
    },
  };
}
