import { cloudflareSteps } from "./cloudflare/steps.ts";
import { entraSteps } from "./entra/steps.ts";
import { githubSteps } from "./github/steps.ts";
import type { SetupNames } from "./names.ts";
import type { SetupStep } from "./step.ts";

/** Everything that is done once, in the order in which one step needs another. */
export function setupSteps(names: SetupNames): readonly SetupStep[] {
  return [...entraSteps(names), ...cloudflareSteps(names), ...githubSteps(names)];
}
