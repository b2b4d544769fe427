import { ActionError } from "./errors.ts";
import { givenFor, type Variables } from "./inputs-read.ts";

/** What `audit` may do beside looking. */
export interface AuditInputs {
  /** Deployments that show something to somebody without a session are deleted. */
  readonly deleteUngated: boolean;
}

/**
 * Reads what only `command: audit` has in its `with:`.
 * @throws ActionError inputs-invalid
 */
export function readAuditInputs(env: Variables): AuditInputs {
  const given = givenFor(env, "delete-ungated") || "false";
  if (given !== "true" && given !== "false")
    throw new ActionError(
      "inputs-invalid",
      "delete-ungated: is neither true nor false; give true to have open deployments deleted, or nothing.",
    );
  return { deleteUngated: given === "true" };
}
