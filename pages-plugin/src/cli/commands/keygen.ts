import type { Command } from "commander";
import { keygen } from "../keygen.ts";
import { told } from "../told.ts";

export function addKeygen(program: Command): void {
  program
    .command("keygen")
    .description("Make a signing key and a cookie key for a sign-in host that is set up by hand.")
    .option("--standalone", "the cookie key alone, for a site that signs in for itself")
    .option("--json", "print one JSON object: { secrets, variables }")
    .addHelpText("after", "\nExample:\n  entra-gate keygen --json > keys.json")
    .action((flags: { json?: true; standalone?: true }) =>
      told(async () => {
        const { output, advice } = await keygen(flags.json === true, Date.now(), flags.standalone);
        console.error(advice);
        return output;
      }),
    );
}
