import { cloudflareSteps } from "./cloudflare/steps.ts";
import { administratorSteps, registrationSteps } from "./entra/steps.ts";
import { githubSteps } from "./github/steps.ts";
import type { SetupNames } from "./names.ts";
import type { SetupStep } from "./step.ts";

/**
 * Everything that is done once, in the order in which one step needs another. What administrators of the tenant have to do
 * comes last: a refusal ends the run, and whoever builds the site has done all of his own by then.
 */
export function setupSteps(names: SetupNames): readonly SetupStep[] {
  return [
    ...registrationSteps(names),
    ...cloudflareSteps(names),
    ...githubSteps(names),
    ...administratorSteps(names),
  ];
}
