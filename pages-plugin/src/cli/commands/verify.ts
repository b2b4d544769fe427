import { randomBytes } from "node:crypto";
import { type Command, InvalidArgumentError } from "commander";
import { compilePolicy } from "../../../../contract/policy/compile.ts";
import { createDecider } from "../../../../contract/policy/decide.ts";
import type { Environment } from "../../../../contract/policy/model.ts";
import type { Outcome } from "../outcome.ts";
import { readPolicyFile } from "../policy/read.ts";
import { told } from "../told.ts";
import { verdictText } from "../verify/table.ts";
import { type Verdict, verifyUrl } from "../verify/verify.ts";
import { environmentOption, jsonOption } from "./shared.ts";

interface Flags {
  readonly policy?: string;
  readonly in: Environment;
  readonly timeout: number;
  readonly json?: true;
}

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description(
      "Is this address open? Asks from outside, without a session, whatever gate stands there or none.",
    )
    .argument("<url...>", "addresses in full, such as https://pr-7.site.pages.dev/")
    .option("--policy <file>", "gate.json: what it lets anyone see may answer")
    .addOption(environmentOption())
    .option("--timeout <seconds>", "for each request", seconds, 20)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  entra-gate verify https://pr-7.site.pages.dev/ https://site.pages.dev/docs/\n  entra-gate verify https://pr-7.site.pages.dev/ --policy gate.json --in preview\n\nExit codes: 0 all closed, 1 something is open, 3 it can't be told.",
    )
    .action((urls: string[], flags: Flags) => told(() => verify(urls, flags), flags.json));
}

async function verify(urls: readonly string[], flags: Flags): Promise<Outcome> {
  const policy = flags.policy === undefined ? undefined : readPolicyFile(flags.policy);
  const decide = policy && createDecider(await compilePolicy(policy, flags.in));
  const options = {
    timeout: flags.timeout * 1000,
    nothing: randomBytes(16).toString("hex"),
    ...(decide && { decide }),
  };
  const verdicts: Verdict[] = [];
  for (const url of urls) verdicts.push(await verifyUrl(url, options));
  const is = (verdict: string) => verdicts.some((one) => one.verdict === verdict);
  return {
    text: verdicts.map(verdictText).join("\n\n"),
    data: { verdicts },
    exit: is("open") ? 1 : is("unclear") ? 3 : 0,
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 300)) throw new InvalidArgumentError("Write seconds from 1 to 300.");
  return value;
}
