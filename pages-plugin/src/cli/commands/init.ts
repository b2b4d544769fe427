import { type Command, Option } from "commander";
import type { Answers } from "../init/answers.ts";
import { createAsker } from "../init/ask.ts";
import { init } from "../init/init.ts";
import { told } from "../told.ts";
import { jsonOption } from "./shared.ts";

interface Flags {
  readonly output?: string;
  readonly site: readonly string[];
  readonly group: readonly string[];
  readonly everyMember?: true;
  readonly production?: Answers["production"];
  readonly action?: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

export function addInit(program: Command): void {
  program
    .command("init")
    .description("Write the policy and the workflows for the site in this folder. Overwrites nothing.")
    .option("--output <folder>", "where the build puts the site; default: found by the framework")
    .option("--site <folder...>", "in a monorepo: the folders of its sites, gated by one workflow", [])
    .option(
      "--group <name[=id]...>",
      "a group whose people see previews, with its object id in Entra; without it, setup looks the name up",
      [],
    )
    .option("--every-member", "every member of the tenant sees previews")
    .addOption(new Option("--production <how>", "whether production stays open").choices(["open", "closed"]))
    .option("--action <reference>", "the action as uses: names it: owner/entra-gate@v1")
    .option("-y, --yes", "write without asking")
    .option("--dry-run", "show what would be written, and write nothing")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  entra-gate init\n  entra-gate init --group reviewers=b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11 --production open --action acme/entra-gate@v1 --yes\n  entra-gate init --site sites/docs sites/shop\n  entra-gate init --dry-run --every-member --production closed --action acme/entra-gate@v1",
    )
    .action((flags: Flags) => {
      const { group, site, everyMember, yes, dryRun, ...given } = flags;
      const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && flags.json !== true;
      const asker = createAsker(
        { ...given, sites: site, groups: group, everyMember: everyMember === true, yes: yes === true },
        terminal,
      );
      return told(() => init({ project: process.cwd(), dryRun: dryRun === true }, asker), flags.json);
    });
}
