import { Command } from "commander";
import { addDoctor } from "./commands/doctor.ts";
import { addExplain } from "./commands/explain.ts";
import { addInit } from "./commands/init.ts";
import { addKeygen } from "./commands/keygen.ts";
import { addPack } from "./commands/pack.ts";
import { addSetup } from "./commands/setup.ts";
import { addTest } from "./commands/test.ts";
import { addVerify } from "./commands/verify.ts";
import { addWrap } from "./commands/wrap.ts";

/** The whole command; each of its commands is a file in commands/. Words that it does not know end it with 2. */
export function createProgram(version: string, gateFile: URL): Command {
  const program = new Command("entra-gate")
    .description("Puts a Microsoft Entra sign-in in front of a Cloudflare Pages site.")
    .version(version)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  addInit(program);
  addSetup(program);
  addTest(program);
  addExplain(program);
  addVerify(program);
  addPack(program);
  addWrap(program, gateFile);
  addKeygen(program);
  addDoctor(program);
  return program;
}
