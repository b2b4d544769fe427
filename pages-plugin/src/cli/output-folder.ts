import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandFault } from "./fault.ts";

/** Wrangler's order of looking. Only one plain string is taken from the file, so no parser of each format is needed. */
const wranglerFiles = [
  { name: "wrangler.json", setting: /"pages_build_output_dir"\s*:\s*"([^"\n]+)"/ },
  { name: "wrangler.jsonc", setting: /^(?!\s*\/\/).*"pages_build_output_dir"\s*:\s*"([^"\n]+)"/m },
  { name: "wrangler.toml", setting: /^\s*pages_build_output_dir\s*=\s*["']([^"'\n]+)["']/m },
] as const;

/**
 * The folder that a build's static files are in.
 *
 * @param project folder that the command runs in
 * @param named on the command line, relative to it
 * @throws CommandFault `output-unnamed`
 */
export function outputFolder(project: string, named: string | undefined): string {
  if (named !== undefined) return resolve(project, named);
  for (const { name, setting } of wranglerFiles) {
    const path = join(project, name);
    if (!existsSync(path)) continue;
    const found = setting.exec(readFileSync(path, "utf8"))?.[1];
    if (found !== undefined) return resolve(project, found);
    break;
  }
  throw new CommandFault(
    "output-unnamed",
    "Which folder did the build put the site into? Name it, or set pages_build_output_dir in the wrangler file.",
  );
}
