import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Cloud, clouds } from "../../../../contract/names/clouds.ts";
import type { Service, SetupNames, WantedGroup } from "../setup/names.ts";
import { type PrintedAs, printSetup } from "../setup/print.ts";
import { setup } from "../setup/start.ts";
import { told } from "../told.ts";
import { jsonOption, policyOption } from "./shared.ts";

interface Flags {
  readonly print?: PrintedAs;
  readonly repository: string;
  readonly project: string;
  readonly signInHostProject: string;
  readonly accountId: string;
  readonly branch: string;
  readonly environment: string;
  readonly policy: string;
  readonly group: readonly WantedGroup[];
  readonly assignmentRequired?: true;
  readonly testRole?: string;
  readonly subject?: string;
  readonly tenantId?: string;
  readonly gateClientId?: string;
  readonly automationClientId?: string;
  readonly testClientId?: string;
  readonly cloud: Cloud;
  readonly only: readonly Service[];
  readonly graphTokenStdin?: true;
  readonly dryRun?: true;
  readonly remove?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function addSetup(program: Command): void {
  const command = program
    .command("setup")
    .description(
      "Do what a company does once in Entra, Cloudflare and GitHub, with the logins that you have; or write it down for whoever may.",
    );
  addNames(command);
  addWays(command);
  command
    .addHelpText(
      "after",
      `
Logins: Entra by az, or a Graph token on standard input; GitHub by gh or GH_TOKEN; Cloudflare by CLOUDFLARE_API_TOKEN,
or it is asked for.
Each step looks first, so the same command goes on where it was stopped, and the second time changes nothing.

Examples:
  entra-gate setup --repository acme/site --project site --sign-in-host-project acme-sign-in --account-id 0123456789abcdef0123456789abcdef --dry-run
  entra-gate setup --repository acme/site --project site --sign-in-host-project acme-sign-in --account-id 0123456789abcdef0123456789abcdef --group "reviewers=Site reviewers"
  entra-gate setup --repository acme/site --project site --sign-in-host-project acme-sign-in --account-id 0123456789abcdef0123456789abcdef --print ticket`,
    )
    .action((flags: Flags) => told(() => run(flags), flags.json));
}

function addNames(command: Command): void {
  command
    .requiredOption("--repository <owner/name>", "on GitHub")
    .requiredOption("--project <name>", "the site's Pages project")
    .requiredOption("--sign-in-host-project <name>", "the Pages project that is to be the sign-in host")
    .requiredOption("--account-id <id>", "of the Cloudflare account")
    .option("--branch <name>", "the default branch", "main")
    .option("--environment <name>", "the GitHub environment", "entra-gate")
    .addOption(policyOption())
    .option(
      "--group <name[=group]...>",
      "a group for gate.json, by its name in Entra or its object id",
      groups,
      [],
    )
    .option("--assignment-required", "Entra lets in only the policy's groups (groups need Entra ID P1)")
    .option("--test-role <role>", "make a test application, which is to have this app role")
    .option("--subject <sub>", "of GitHub's token, as a run has shown it; default: GitHub is asked")
    .option("--tenant-id <id>", "refuse a login to another tenant")
    .option("--gate-client-id <id>", "use this application, which is there already")
    .option("--automation-client-id <id>", "the same for the automation")
    .option("--test-client-id <id>", "the same for the test application");
}

function addWays(command: Command): void {
  command
    .addOption(
      new Option(
        "--print <how>",
        "do nothing; az: a script; ticket: a request, split by who may do what",
      ).choices(["az", "ticket"]),
    )
    .option("--dry-run", "look, show what would be done, and do nothing")
    .option("--remove", "take away what setup has made, and nothing else")
    .addOption(
      new Option("--only <service...>", "do the steps of these services only")
        .choices(["entra", "cloudflare", "github"])
        .default([]),
    )
    .addOption(
      new Option("--cloud <name>", "Microsoft's cloud").choices(Object.keys(clouds)).default("global"),
    )
    .option(
      "--graph-token-stdin",
      "read the token for Microsoft Graph from standard input instead of asking az",
    )
    .option("-y, --yes", "do it without asking")
    .addOption(jsonOption());
}

function run(flags: Flags) {
  const { branch, print, json, group, ...given } = flags;
  const names: SetupNames = { ...given, defaultBranch: branch, groups: group };
  if (print !== undefined) return Promise.resolve(printSetup(names, print));
  return setup(names, {
    cloud: flags.cloud,
    policy: flags.policy,
    only: flags.only,
    dryRun: flags.dryRun === true,
    remove: flags.remove === true,
    yes: flags.yes === true,
    terminal: process.stdin.isTTY === true && process.stderr.isTTY === true && json !== true,
    ...(flags.graphTokenStdin ? { graphToken: readFileSync(process.stdin.fd, "utf8") } : {}),
    env: process.env,
    tell: (line) => console.error(line),
  });
}

function groups(text: string, before: readonly WantedGroup[]): readonly WantedGroup[] {
  const [, name, is] = /^\s*([^=\s]+)\s*(?:=\s*(.+?))?\s*$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("Write name, or name=<group in Entra>.");
  return [...before, { name, is: is ?? name }];
}
