import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";
import type { SetupContext } from "./context.ts";
import { faultOf, planOf } from "./plan.ts";
import type { RunOptions } from "./run.ts";
import type { SetupStep } from "./step.ts";

const mostLooks = 30;
const pause = 2_000;

interface Made {
  readonly step: SetupStep;
  readonly things: readonly string[];
}

/**
 * Takes away what setup has made, the last first, and nothing that bears no mark of it.
 *
 * @throws CommandFault setup-denied, setup-unsettled, setup-declined, and what steps throw
 */
export async function removeSetup(
  steps: readonly SetupStep[],
  context: SetupContext,
  { dryRun, tell }: RunOptions,
): Promise<Outcome> {
  // For the facts: whoever removes may see less than whoever made it, and `made` says so where it matters.
  await planOf(steps, context);
  const made: Made[] = [];
  for (const step of steps.toReversed()) {
    const things = await guarded(step, context, () => step.made(context));
    if (things.length > 0) made.push({ step, things });
  }
  const text = made.flatMap(({ things }) => things.map((thing) => `remove  ${thing}`)).join("\n");
  const data = (removed: boolean) => ({
    dryRun,
    removed,
    steps: made.map(({ step, things }) => ({ id: step.id, service: step.service, things })),
  });
  if (made.length === 0) return { text: "Nothing here was made by setup.", data: data(false), exit: 0 };
  if (dryRun) return { text: `${text}\n\nA dry run: nothing was removed.`, data: data(false), exit: 0 };
  tell(text);
  if (!(await context.ask.confirm("Remove this?")))
    throw new CommandFault("setup-declined", "Nothing was removed.");
  for (const { step } of made) {
    await guarded(step, context, async () => {
      await step.remove(context);
      await gone(step, context);
    });
    tell(`Removed what “${step.title}” had made.`);
  }
  return { text, data: data(true), exit: 0 };
}

async function gone(step: SetupStep, context: SetupContext): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    const left = await step.made(context);
    if (left.length === 0) return;
    if (looks === mostLooks)
      throw new CommandFault("setup-unsettled", `Removed, and still to be seen: ${left.join(", ")}.`);
    await context.sleep(pause);
  }
}

async function guarded<T>(step: SetupStep, context: SetupContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw faultOf(thrown, step, context);
  }
}
