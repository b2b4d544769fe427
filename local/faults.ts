import type { Service } from "./call-log.ts";

/** What a stand-in does instead of, or before, its own answer. */
export type Misbehaviour =
  | { readonly kind: "delay"; readonly ms: number }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: string;
    }
  /** The call takes effect, the caller hears nothing of it. */
  | { readonly kind: "drop-after" }
  | { readonly kind: "drop-before" }
  /** The stand-in's own answer, cut in half. */
  | { readonly kind: "truncate" };

export interface Fault {
  readonly service: Service;
  readonly method?: string;
  readonly path?: RegExp;
  /** How many calls it meets before it is used up; without it, all. */
  readonly times?: number;
  readonly what: Misbehaviour;
}

/** The faults that are switched on; a test adds and clears them while the stand-ins run. */
export class Faults {
  readonly #active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active.length = 0;
  }

  /** The first fault that this call meets, used up by one. */
  take(service: Service, method: string, path: string): Misbehaviour | undefined {
    const hit = this.#active.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.service === service &&
        (fault.method === undefined || fault.method === method) &&
        (fault.path === undefined || fault.path.test(path)),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault.what;
  }
}
