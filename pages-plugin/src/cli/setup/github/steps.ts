import type { SetupNames } from "../names.ts";
import type { SetupStep } from "../step.ts";
import { environmentWork } from "./environment.ts";
import { settingsWork } from "./settings.ts";
import { statusWork } from "./status.ts";
import { environmentText, settingsText, statusText } from "./texts.ts";

/** GitHub's part: the environment first, since the others are kept in it. */
export function githubSteps(names: SetupNames): readonly SetupStep[] {
  return [
    { ...environmentText(names), ...environmentWork },
    { ...settingsText(names), ...settingsWork },
    { ...statusText(names), ...statusWork },
  ];
}
