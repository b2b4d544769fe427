import type { Command } from "commander";
import { pack } from "../pack.ts";
import { told } from "../told.ts";
import { jsonOption } from "./shared.ts";

interface Flags {
  readonly output?: string;
  readonly out: string;
  readonly json?: true;
}

export function addPack(program: Command): void {
  program
    .command("pack")
    .description(
      "Compile functions/, collect the build's output and write one file for the job that deploys.",
    )
    .argument("[folder]", "output folder of the build; default: pages_build_output_dir of the wrangler file")
    .option("--output <folder>", "the same as the argument")
    .option("--out <file>", "where to write it", "entra-gate.tar")
    .addOption(jsonOption())
    .addHelpText("after", "\nExamples:\n  entra-gate pack dist\n  entra-gate pack --out build/entra-gate.tar")
    .action((folder: string | undefined, flags: Flags) => {
      const output = folder ?? flags.output;
      return told(
        () => pack({ project: process.cwd(), out: flags.out, ...(output === undefined ? {} : { output }) }),
        flags.json,
      );
    });
}
