import { resolve } from "node:path";
import { CommandFault } from "./fault.ts";
import { configuredOutput } from "./wrangler-file.ts";

/**
 * The folder that a build's static files are in.
 *
 * @param project folder that the command runs in
 * @param named on the command line, relative to it
 * @throws CommandFault `output-unnamed`
 */
export function outputFolder(project: string, named: string | undefined): string {
  const found = named ?? configuredOutput(project);
  if (found !== undefined) return resolve(project, found);
  throw new CommandFault(
    "output-unnamed",
    "Which folder did the build put the site into? Name it, or set pages_build_output_dir in the wrangler file.",
  );
}
