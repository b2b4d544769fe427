import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";
import type { SetupContext } from "./context.ts";
import { faultOf, type Planned, planOf, planText } from "./plan.ts";
import type { SetupStep } from "./step.ts";

export interface RunOptions {
  /** Looks only. */
  readonly dryRun: boolean;
  /** Where a person follows what happens. */
  tell(line: string): void;
}

/** How long a change may take to be seen, in looks; Graph's replicas differ for seconds. */
const mostLooks = 30;
const pause = 2_000;

/**
 * Does what is missing, in order. Each step looks right before and until it is done afterwards, so a run that was
 * interrupted anywhere is gone on with by the next.
 *
 * @throws CommandFault setup-denied, setup-unsettled, login-missing, setup-declined, and what steps throw
 */
export async function runSetup(
  steps: readonly SetupStep[],
  context: SetupContext,
  { dryRun, tell }: RunOptions,
): Promise<Outcome> {
  const plan = await planOf(steps, context);
  const changed = new Map<SetupStep, readonly string[]>();
  const data = (now: readonly Planned[]) => ({
    dryRun,
    facts: context.facts,
    steps: now.map(({ step, look }) => ({
      ...{ id: step.id, service: step.service, title: step.title, role: step.role },
      ...{ state: look.state, ...(look.detail === undefined ? {} : { detail: look.detail }) },
      changed: changed.get(step) ?? [],
    })),
  });
  if (dryRun)
    return { text: `${planText(plan)}\n\nA dry run: nothing was changed.`, data: data(plan), exit: 0 };
  refuseWhatCannotGoOn(plan);
  if (plan.every(({ look }) => look.state === "done" || look.state === "waiting"))
    return { text: `${planText(plan)}\n\nNothing to do.`, data: data(plan), exit: 0 };
  tell(planText(plan));
  if (!(await context.ask.confirm("Do this?")))
    throw new CommandFault("setup-declined", "Nothing was changed.");
  const after: Planned[] = [];
  for (const step of steps) {
    try {
      const { look, changes } = await bring(step, context);
      if (changes.length > 0) changed.set(step, changes);
      for (const change of changes) tell(`${step.title}: ${change}`);
      after.push({ step, look });
    } catch (thrown) {
      throw faultOf(thrown, step, context);
    }
  }
  return { text: planText(after), data: data(after), exit: 0 };
}

async function bring(step: SetupStep, context: SetupContext) {
  const before = await step.look(context);
  if (before.state === "done" || before.state === "waiting") return { look: before, changes: [] };
  const changes = await step.apply(context);
  for (let looks = 1; ; looks += 1) {
    const look = await step.look(context);
    if (look.state === "done" || look.state === "waiting") return { look, changes };
    if (looks === mostLooks)
      throw new CommandFault(
        "setup-unsettled",
        `It was written (${changes.join(", ")}) and is still not to be seen${look.detail === undefined ? "" : ` (${look.detail})`}. Run the same command again in some minutes.`,
      );
    await context.sleep(pause);
  }
}

/**
 * What only a person can mend (a login, two groups of one name, an odd application) is told before anything is made, all
 * of it at once. A refusal may be another person's part: all before it is done.
 */
function refuseWhatCannotGoOn(plan: readonly Planned[]): void {
  const unseen = plan.flatMap(({ look }) =>
    look.state === "unseen" && look.fault.code !== "setup-denied" ? [look] : [],
  );
  // Several steps may stumble over the same.
  const faults = [
    ...new Map(unseen.toReversed().map(({ detail, fault }) => [detail, fault])).values(),
  ].toReversed();
  const [first] = faults;
  if (first === undefined) return;
  const advice = faults.some(({ code }) => code === "login-missing")
    ? ["Or do a part only: --only entra, --only github, --only cloudflare."]
    : [];
  const texts = faults.map(({ message }) => message);
  throw new CommandFault(first.code, [...texts, ...advice, "Nothing was changed."].join("\n"));
}
