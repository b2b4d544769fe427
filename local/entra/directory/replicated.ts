/**
 * One object as Graph's replicas show it: for a while after a write, reads alternate between the state before and the
 * state after, the stale one first, so that a single read that shows the change proves nothing.
 */
export class Replicated<T> {
  #current: T;
  #previous: T | undefined;
  #writtenAt: number;
  #reads = 0;

  /** @param writtenAt milliseconds since 1970; until it has propagated, the object is there on every other read only */
  constructor(value: T, writtenAt: number) {
    this.#current = value;
    this.#writtenAt = writtenAt;
  }

  /** The newest state: what writes apply to and what sign-in uses. */
  get current(): T {
    return this.#current;
  }

  write(value: T, now: number): void {
    this.#previous = this.#current;
    this.#current = value;
    this.#writtenAt = now;
    this.#reads = 0;
  }

  /** What one read shows; undefined where the replica asked doesn't know the object yet. */
  read(now: number, readMs: number): T | undefined {
    if (now - this.#writtenAt >= readMs) return this.#current;
    this.#reads += 1;
    return this.#reads % 2 === 1 ? this.#previous : this.#current;
  }
}
