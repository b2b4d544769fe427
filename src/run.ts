import { type Command, commandOf } from "./command.ts";
import { runProtect } from "./commands/protect.ts";
import type { ActionContext } from "./context.ts";

/** One file each in commands/. A command reports what it found itself; what it throws is the run's one error. */
const commands: Readonly<Record<Command, (context: ActionContext) => Promise<void>>> = {
  protect: runProtect,
};

/**
 * One run of the action.
 * @throws ActionError event-unsupported; what ended the command
 */
export async function run(context: ActionContext): Promise<void> {
  await commands[commandOf(context.inputs.command, context.event)](context);
}
