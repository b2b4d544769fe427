import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { presetTools } from "../preset-tools.ts";

const root = join(import.meta.dirname, "..", "..");

/** The action as a runner downloads it: action.yml and dist/, away from this repository and its node_modules. */
export async function copyAction(folder: string): Promise<string> {
  const target = join(folder, "action");
  await mkdir(target);
  for (const part of ["action.yml", "dist"])
    await cp(join(root, part), join(target, part), { recursive: true });
  return target;
}

/** A tool cache as a runner image has it warm: nothing can be downloaded here. */
export async function warmToolCache(folder: string): Promise<string> {
  const target = join(folder, "tool-cache");
  await mkdir(target);
  await presetTools(target, root, join(root, "dist", "tools"));
  return target;
}
