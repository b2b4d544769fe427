import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import { GateFault } from "../http/fault.ts";

export interface Fault {
  readonly code: HostErrorCode;
  readonly reference: string;
  /** One of the host's own endpoints, or empty. */
  readonly path: string;
  readonly error?: unknown;
  readonly problems?: readonly string[];
}

/**
 * One line for the operator: what happened, what to do, and the reference that the visitor was given. Requests for
 * what isn't there are not worth one.
 *
 * @param log takes one line of JSON
 */
export function logFault(
  log: (line: string) => void,
  { code, reference, path, error, problems }: Fault,
): void {
  const { status, operator } = hostErrors[code];
  if (status === 404) return;
  const level = status >= 500 ? "error" : "warning";
  log(JSON.stringify({ level, code, reference, path, operator, ...describe(error), problems }));
}

/** Never the message of an error that the gate did not make: it may quote a token, a key or an address. */
function describe(error: unknown): { readonly detail?: string; readonly at?: readonly string[] } {
  if (error instanceof GateFault) return { detail: error.detail };
  if (!(error instanceof Error)) return {};
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { detail: error.name, at: frames.slice(0, 3).map((line) => line.trim()) };
}
