import type { Service } from "./call-log.ts";

/** An answer in a stand-in's place. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known of a call when it comes in. */
export interface Arrival {
  readonly service: Service;
  readonly method: string;
  /** As it came, port included. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  /** `User-Agent`; empty where there is none. */
  readonly agent: string;
}

/** What a stand-in does instead of, or before, its own answer. */
export type Misbehaviour =
  | { readonly kind: "delay"; readonly ms: number }
  | ({ readonly kind: "answer" } & FaultAnswer)
  /** The same, made for the very call. */
  | { readonly kind: "answer-to"; answer(arrival: Arrival): FaultAnswer }
  /** The call takes effect, the caller hears nothing of it. */
  | { readonly kind: "drop-after" }
  | { readonly kind: "drop-before" }
  /** Nothing is ever answered; the connection stays open. */
  | { readonly kind: "hang" }
  /** The stand-in's own answer, cut in half. */
  | { readonly kind: "truncate" }
  /** Tells somebody of the call before it takes effect, or before the answer is sent; nothing is answered then. */
  | { readonly kind: "tell"; readonly when: "before" | "after"; tell(): Promise<void> }
  /** What this address answered to a GET the last time, as a replica that has not heard of what was written since. */
  | { readonly kind: "stale" };

/** Which calls a fault meets: those that fit everything that is given. */
export interface Where {
  readonly service?: Service | undefined;
  readonly method?: string;
  readonly path?: RegExp;
  readonly host?: RegExp;
  readonly which?: (arrival: Arrival) => boolean;
  /** By `User-Agent`: the action's own calls begin with `entra-gate`, wrangler's with `wrangler`. */
  readonly agent?: RegExp;
  /** How many of these calls pass before the first one is met. */
  readonly after?: number;
  /** How many calls it meets before it is used up; without it, all. */
  readonly times?: number;
}

export interface Fault extends Where {
  readonly what: Misbehaviour;
}

interface Active {
  readonly fault: Fault;
  spared: number;
  left: number;
}

/** The faults that are switched on; a test adds and clears them while the stand-ins run. */
export class Faults {
  readonly #active: Active[] = [];
  #met = 0;

  /** How many calls met a fault so far. */
  get met(): number {
    return this.#met;
  }

  add(fault: Fault): void {
    this.#active.push({ fault, spared: fault.after ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active.length = 0;
  }

  /** The first fault that this call meets, used up by one. */
  take(arrival: Arrival): Misbehaviour | undefined {
    for (const active of this.#active) {
      if (active.left <= 0 || !fits(active.fault, arrival)) continue;
      if (active.spared > 0) {
        active.spared -= 1;
        continue;
      }
      active.left -= 1;
      this.#met += 1;
      return active.fault.what;
    }
    return undefined;
  }
}

function fits(fault: Fault, arrival: Arrival): boolean {
  const { service, method, host, path, agent } = arrival;
  return (
    (fault.service === undefined || fault.service === service) &&
    (fault.method === undefined || fault.method === method) &&
    (fault.path === undefined || fault.path.test(path)) &&
    (fault.host === undefined || fault.host.test(host)) &&
    (fault.agent === undefined || fault.agent.test(agent)) &&
    (fault.which === undefined || fault.which(arrival))
  );
}
