import type { StepContext } from "../step-context.ts";

/** Inputs by name. @throws Error for one that this runner's form of the action doesn't do */
export function inputsOf(
  context: StepContext,
  known: readonly string[],
): Readonly<Record<string, string | undefined>> {
  for (const name of Object.keys(context.with)) {
    if (!known.includes(name))
      throw new Error(`input '${name}': the local runner's form of this action doesn't have it`);
  }
  return context.with;
}
