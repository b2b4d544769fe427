import { type Command, Option } from "commander";
import type { Environment } from "../../../../contract/policy/model.ts";
import { doctor } from "../doctor.ts";
import { told } from "../told.ts";
import { jsonOption, policyOption } from "./shared.ts";

interface Flags {
  readonly policy: string;
  readonly environment: Environment;
  readonly url?: string;
  readonly json?: true;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "Say whether the static files of a plain Worker come through the gate, and prove it by a request.",
    )
    .addOption(policyOption())
    .addOption(
      new Option("--environment <name>", "which of the policy's environments the Worker is in")
        .choices(["preview", "production"])
        .default("production"),
    )
    .option("--url <origin>", "where the Worker is deployed")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  entra-gate doctor --url https://harbour.example.workers.dev")
    .action((flags: Flags) => told(() => doctor({ ...flags, project: process.cwd() }), flags.json));
}
