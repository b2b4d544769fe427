import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Environment } from "../../../../contract/policy/model.ts";
import { explain } from "../explain.ts";
import { explainPath } from "../policy/explain-path.ts";
import { readPolicyFile } from "../policy/read.ts";
import { told } from "../told.ts";
import { environmentOption, jsonOption, policyOption } from "./shared.ts";

interface Flags {
  readonly log?: string;
  readonly policy: string;
  readonly in: Environment;
  readonly as: readonly string[];
  readonly json?: true;
}

export function addExplain(program: Command): void {
  program
    .command("explain")
    .description(
      "Say what a code or a visitor's reference means, or which rule decides about a path and why.",
    )
    .argument("<what>", "a code (not-admitted), a reference (7KQ2M-4XPVE), or a path (/admin/)")
    .option("--log <file>", "where to look a reference up; default: standard input")
    .addOption(policyOption())
    .addOption(environmentOption())
    .option(
      "--as <who...>",
      "for a path: anyone, members, guests, or groups=a,b roles=C app=<client id> scopes=D",
      [],
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      '\nExamples:\n  entra-gate explain not-admitted\n  wrangler pages deployment tail --format json > log; entra-gate explain 7KQ2M-4XPVE --log log\n  entra-gate explain "/admin/x" --as groups=reviewers --in preview',
    )
    .action((asked: string, flags: Flags) =>
      told(
        () =>
          asked.startsWith("/")
            ? explainPath(asked, readPolicyFile(flags.policy), flags.in, flags.as)
            : explain(asked, async () => readFileSync(flags.log ?? process.stdin.fd, "utf8")),
        flags.json,
      ),
    );
}
