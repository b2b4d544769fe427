import { parseArgs } from "node:util";

export const faultNames = ["asset-past-worker", "gate-missing", "foreign-key", "outsider-admitted"] as const;
export type FaultName = (typeof faultNames)[number];

export interface StartOptions {
  /** End by itself after the sign-ins instead of leaving everything running. */
  readonly once: boolean;
  /** One JSON object on the last line of standard output; the account of what happened goes to standard error. */
  readonly json: boolean;
  readonly fault?: FaultName;
}

/** @throws Error naming the option that is wrong and what it takes */
export function readOptions(args: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      fault: { type: "string" },
    },
  });
  const { once, json, fault } = values;
  if (fault === undefined) return { once, json };
  const known = faultNames.find((name) => name === fault);
  if (known === undefined) throw new Error(`--fault ${fault}: takes ${faultNames.join(", ")}`);
  if (!once) throw new Error("--fault: takes --once beside it");
  return { once, json, fault: known };
}
