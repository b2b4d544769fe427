import { ActionError } from "./errors.ts";
import type { GateEvent } from "./event.ts";

/** The commands that this version has for a workflow of the gate. */
export const commandNames = ["protect", "cleanup", "audit", "doctor"] as const;
export type Command = (typeof commandNames)[number];

/**
 * What to do: what the workflow says, else what the event asks for.
 * @param given the `command` input
 * @throws ActionError event-unsupported
 */
export function commandOf(given: Command | undefined, event: GateEvent): Command {
  if (given !== undefined) return given;
  if (event.name === "schedule") return "audit";
  if (event.name === "other" || event.name === "workflow_dispatch") throw unsupported(event);
  return "action" in event && event.action === "closed" ? "cleanup" : "protect";
}

/** @throws where the event is of no use to the command */
export function unsupported(event: GateEvent): ActionError {
  const name = event.name === "other" ? event.trigger : event.name;
  return new ActionError("event-unsupported", `Event: ${JSON.stringify(name)}.`);
}
