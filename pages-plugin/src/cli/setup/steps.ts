import { projectsText, tokenText } from "./cloudflare/texts.ts";
import {
  automationText,
  consentText,
  federationText,
  gateText,
  ownerText,
  permissionText,
} from "./entra/texts.ts";
import { environmentText, settingsText } from "./github/texts.ts";
import type { SetupNames } from "./names.ts";
import type { StepText } from "./step.ts";

/** Everything that is done once, in the order in which one step needs another. */
export function setupTexts(names: SetupNames): readonly StepText[] {
  return [
    ...[gateText, automationText, federationText(names), ownerText, permissionText, consentText],
    ...[tokenText, projectsText(names)],
    ...[environmentText(names), settingsText(names)],
  ];
}
