import type { Call } from "../../local/call-log.ts";
import { callName, isActionsOwn } from "../../local/call-name.ts";
import { everyCall } from "../src/clients/every-call.ts";

const tried: ReadonlySet<string> = new Set(everyCall.map(({ call }) => call));

/** Which of the action's calls in whole runs no fault is tried at (test/src/clients/faults.test.ts): a new one is missed there. */
export function untriedCalls(calls: readonly Call[]): readonly string[] {
  return [...new Set(calls.filter(isActionsOwn).map(callName))].filter((call) => !tried.has(call)).sort();
}
