import { CommandFault } from "./fault.ts";
import type { FaultCode } from "./fault-texts.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Runs one command, prints its outcome, and sets the exit code: 1 with one clear message where it failed.
 *
 * @param json print the outcome's data as one line of JSON, and a failure as `{ "error": code, "message": … }`
 */
export async function told(work: () => Promise<Outcome | string>, json = false): Promise<void> {
  try {
    const outcome = await work();
    if (typeof outcome === "string") {
      console.log(json ? JSON.stringify({ message: outcome }) : outcome);
      return;
    }
    console.log(json ? JSON.stringify(outcome.data) : outcome.text);
    process.exitCode = outcome.exit;
  } catch (error) {
    process.exitCode = 1;
    const { code, message } = textOf(error);
    if (json) console.log(JSON.stringify({ error: code, message }));
    console.error(`entra-gate: ${message} [${code}]`);
  }
}

function textOf(error: unknown): { readonly code: FaultCode; readonly message: string } {
  if (error instanceof CommandFault) return { code: error.code, message: error.message };
  return { code: "unexpected", message: `unexpected fault: ${(error as Error).stack}` };
}
