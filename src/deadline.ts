import { ActionError } from "./errors.ts";

/** When a run must have ended. Every wait of the action asks it; wrangler, npm and workerd are ended by it. */
export interface Deadline {
  /** Milliseconds that are left; 0 where it is over. */
  left(): number;
  /** Waits, or throws where that would take longer than is left. @throws ActionError deadline-exceeded */
  sleep(milliseconds: number): Promise<void>;
  /**
   * The work is over, well or badly: from now on there is this much time, whatever was left or missing, to take away
   * what could not be proved and to say how it went. The end of all that is fixed.
   * @param milliseconds at most
   */
  wrapUp(milliseconds: number): void;
}

/** Milliseconds for what comes after the work: covering what could not be proved closed, and telling how it went. */
export const wrapUpTime = { cover: 5 * 60_000, report: 2 * 60_000 };

export interface DeadlineOptions {
  /** Milliseconds for the work. */
  readonly work: number;
  /** Milliseconds beyond it, for wrapping up. */
  readonly reserve: number;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export function createDeadline({ work, reserve, now, sleep }: DeadlineOptions): Deadline {
  const began = now();
  let until = began + work;
  const left = (): number => Math.max(0, until - now());
  return {
    left,
    async sleep(milliseconds) {
      if (milliseconds >= left())
        throw new ActionError("deadline-exceeded", "It was waiting for a change to be seen everywhere.");
      await sleep(milliseconds);
    },
    wrapUp(milliseconds) {
      until = Math.min(began + work + reserve, now() + milliseconds);
    },
  };
}
