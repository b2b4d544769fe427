import type { StepContext, StepEnd } from "../run-step.ts";
import { checkout } from "./checkout.ts";
import { downloadArtifact } from "./download-artifact.ts";
import { setupNode } from "./setup-node.ts";
import { uploadArtifact } from "./upload-artifact.ts";

/** GitHub's own actions that this runner knows, whatever version is asked for. */
export const actions: Readonly<Record<string, (context: StepContext) => Promise<StepEnd>>> = {
  "actions/checkout": checkout,
  "actions/setup-node": setupNode,
  "actions/upload-artifact": uploadArtifact,
  "actions/download-artifact": downloadArtifact,
};

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
