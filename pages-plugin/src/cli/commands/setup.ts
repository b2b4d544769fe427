import { type Command, Option } from "commander";
import { type PrintedAs, printSetup } from "../setup/print.ts";
import { told } from "../told.ts";
import { jsonOption } from "./shared.ts";

interface Flags {
  readonly print: PrintedAs;
  readonly repository: string;
  readonly branch: string;
  readonly environment: string;
  readonly project: string;
  readonly signInHostProject: string;
  readonly accountId: string;
  readonly json?: true;
}

export function addSetup(program: Command): void {
  program
    .command("setup")
    .description(
      "Write down what a company does once in Entra, Cloudflare and GitHub, for whoever may do it.",
    )
    .addOption(
      new Option("--print <how>", "az: a script; ticket: a request, split by who may do what")
        .choices(["az", "ticket"])
        .makeOptionMandatory(),
    )
    .requiredOption("--repository <owner/name>", "on GitHub")
    .requiredOption("--project <name>", "the site's Pages project")
    .requiredOption("--sign-in-host-project <name>", "the Pages project that is to be the sign-in host")
    .requiredOption("--account-id <id>", "of the Cloudflare account")
    .option("--branch <name>", "the default branch", "main")
    .option("--environment <name>", "the GitHub environment", "entra-gate")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  entra-gate setup --print az --repository acme/site --project site --sign-in-host-project acme-sign-in --account-id 0123456789abcdef0123456789abcdef > setup.sh\n  entra-gate setup --print ticket --repository acme/site --project site --sign-in-host-project acme-sign-in --account-id 0123456789abcdef0123456789abcdef",
    )
    .action(({ print, branch, json, ...names }: Flags) =>
      told(async () => printSetup({ ...names, defaultBranch: branch }, print), json),
    );
}
