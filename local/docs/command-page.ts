import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { faultTexts } from "../../pages-plugin/src/cli/fault-texts.ts";
import { createProgram } from "../../pages-plugin/src/cli/program.ts";
import { code, table } from "./markdown.ts";

/** docs/command.md: what each command's `--help` prints. */
export function commandPage(root: string): string {
  const folder = join(root, "pages-plugin");
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  const program = createProgram(version, pathToFileURL(join(folder, "dist", "gate-site.js")));
  return [
    "# The command entra-gate",
    "",
    "`npx entra-gate <command>`, of the package `pages-plugin-entra-gate`. Exit codes: 0 as it should be; 1 it is not, or the",
    "command failed, with one message and its code on standard error; 2 words that it does not know; 3 it can't be told. `--json`",
    'prints one line of JSON on standard output, a failure as `{ "error": code, "message": … }`.',
    "",
    ...program.commands.flatMap((command) => [
      `## ${command.name()}`,
      "```text",
      helpOf(command).trim(),
      "```",
      "",
    ]),
    "## Codes",
    "What a command ends with when it fails; its message names the remedy. `setup` also has those of the action that speak of a",
    "service ([action.md](action.md#errors)).",
    "",
    table(
      ["Code", "What it says"],
      Object.entries(faultTexts).map(([name, text]) => [code(name), text]),
    ),
  ].join("\n");
}

function helpOf(command: Command): string {
  let text = "";
  command.configureHelp({ helpWidth: 110 });
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}
