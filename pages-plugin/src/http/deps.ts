/** What the gate takes from the world around it, so that tests can hold it in their hands. */
export interface Deps {
  /** Milliseconds since 1970. */
  now(): number;
  readonly fetch: typeof fetch;
  /** That many random bytes. */
  random(bytes: number): Uint8Array;
  /** One line to the operator: JSON, never a secret. */
  log(line: string): void;
}

/** Keeps the isolate alive for what an answer does not wait for. */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** The real world of a Worker. */
export const workerDeps: Deps = {
  now: () => Date.now(),
  // Workers' fetch must not be called as a method of another object.
  fetch: (input, init) => fetch(input, init),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  log: (line) => console.log(line),
};
