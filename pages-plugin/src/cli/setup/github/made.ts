import type { SetupContext } from "../context.ts";
import { markOf } from "../names.ts";
import { deleteVariable, setVariable, variablesOf } from "./variables.ts";

/**
 * The variable by which setup knows again what it has made: GitHub's environments have no place for notes. It holds the
 * sign-in host's mark, then `environment` where that was made, and the names of variables and secrets.
 */
export const madeVariable = "ENTRA_GATE_SETUP";

/** What of the environment is setup's own work for this sign-in host. */
export async function madeHere(context: SetupContext): Promise<ReadonlySet<string>> {
  const [mark, ...made] = ((await variablesOf(context)).get(madeVariable) ?? "").split(" ");
  return new Set(mark === markOf(context.names) ? made : []);
}

/** Remembers more of it. */
export async function rememberMade(context: SetupContext, names: readonly string[]): Promise<void> {
  const made = await madeHere(context);
  const all = new Set([...made, ...names]);
  if (all.size === made.size) return;
  await setVariable(context, madeVariable, [markOf(context.names), ...all].join(" "));
}

/** Forgets what was taken away; without anything left the variable goes, too. */
export async function forgetMade(context: SetupContext, names: readonly string[]): Promise<void> {
  const left = [...(await madeHere(context))].filter((name) => !names.includes(name));
  if (left.length === 0) await deleteVariable(context, madeVariable);
  else await setVariable(context, madeVariable, [markOf(context.names), ...left].join(" "));
}
