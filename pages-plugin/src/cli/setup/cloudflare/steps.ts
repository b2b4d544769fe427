import type { SetupNames } from "../names.ts";
import type { SetupStep } from "../step.ts";
import { projectsWork } from "./projects.ts";
import { projectsText, tokenText } from "./texts.ts";
import { tokenWork } from "./token.ts";

/** Cloudflare's part: nothing is made there, since the action does that; whether it could is found out. */
export function cloudflareSteps(names: SetupNames): readonly SetupStep[] {
  return [
    { ...tokenText, ...tokenWork },
    { ...projectsText(names), ...projectsWork },
  ];
}
