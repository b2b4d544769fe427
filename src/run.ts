import { type Command, commandOf } from "./command.ts";
import { runAudit } from "./commands/audit.ts";
import { runCleanup } from "./commands/cleanup.ts";
import { runDoctor } from "./commands/doctor.ts";
import { runProtect } from "./commands/protect.ts";
import type { ActionContext } from "./context.ts";
import { wrapUpTime } from "./deadline.ts";
import { asActionError } from "./errors.ts";

/** One file each in commands/. A command reports what it found itself; what it throws is the run's one error. */
const commands: Readonly<Record<Command, (context: ActionContext) => Promise<void>>> = {
  protect: runProtect,
  cleanup: runCleanup,
  audit: runAudit,
  doctor: runDoctor,
};

/**
 * One run of the action for one site. However it ends, what it changed outside is told to the sign-in host's database.
 * @throws ActionError event-unsupported; what ended the command
 */
export async function run(context: ActionContext): Promise<void> {
  try {
    await commands[commandOf(context.inputs.command, context.event)](context);
  } finally {
    context.deadline.wrapUp(wrapUpTime.report);
    await keepTrail(context);
  }
}

/** What was changed was changed: that its events can't be kept does not fail the run. */
async function keepTrail({ trail, cloudflare, log }: ActionContext): Promise<void> {
  try {
    await trail.write(cloudflare);
  } catch (error) {
    log.warning("Audit events not written", `The evidence file has them. ${asActionError(error).message}`);
  }
}
