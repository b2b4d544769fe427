import type { Command } from "commander";
import { readPolicyFile } from "../policy/read.ts";
import { testPolicy } from "../policy/run-tests.ts";
import { told } from "../told.ts";
import { jsonOption, policyOption } from "./shared.ts";

interface Flags {
  readonly policy: string;
  readonly matrix?: true;
  readonly json?: true;
}

export function addTest(program: Command): void {
  program
    .command("test")
    .description("Check a policy and run its own tests.")
    .addOption(policyOption())
    .option("--matrix", "also print who sees what: rules by kinds of visitor")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  entra-gate test\n  entra-gate test --policy site/gate.json --matrix\n\nExit codes: 0 all passed, 1 a test failed or the policy is not usable.",
    )
    .action((flags: Flags) =>
      told(
        async () => testPolicy(readPolicyFile(flags.policy), { matrix: flags.matrix === true }),
        flags.json,
      ),
    );
}
