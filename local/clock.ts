/** Time as the stand-ins see it, so that a test can let propagation happen instead of waiting for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Runs with the machine's clock plus what a test added: tokens stay valid, delays pass when told to. */
export class TestClock implements Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}
