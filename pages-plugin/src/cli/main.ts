import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { Environment } from "../../../contract/policy/model.ts";
import { addExplain } from "./commands/explain.ts";
import { addInit } from "./commands/init.ts";
import { addTest } from "./commands/test.ts";
import { addVerify } from "./commands/verify.ts";
import { doctor } from "./doctor.ts";
import { CommandFault } from "./fault.ts";
import { keygen } from "./keygen.ts";
import { pack } from "./pack.ts";
import { told } from "./told.ts";
import { wrap } from "./wrap.ts";

/** The prebuilt gate beside the built command. */
const gateFile = new URL("gate-site.js", import.meta.url);

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

function readGate(): string {
  try {
    return readFileSync(gateFile, "utf8");
  } catch {
    throw new CommandFault(
      "gate-missing",
      "The package is incomplete: its prebuilt gate is missing. Install pages-plugin-entra-gate again.",
    );
  }
}

interface WrapFlags {
  readonly policy: string;
  readonly environment: string;
  readonly signInOrigin: string;
  readonly keys?: string;
  readonly projectName?: string;
  readonly out?: string;
}

const program = new Command("entra-gate")
  .description("Puts a Microsoft Entra sign-in in front of a Cloudflare Pages site.")
  .version(version)
  .showHelpAfterError();

program
  .command("pack")
  .description("Compile functions/, collect the build's output and write one file for the job that deploys.")
  .argument("[folder]", "output folder of the build; default: pages_build_output_dir of the wrangler file")
  .option("--output <folder>", "the same as the argument")
  .option("--out <file>", "where to write it", "entra-gate.tar")
  .action((folder: string | undefined, flags: { output?: string; out: string }) => {
    const output = folder ?? flags.output;
    return told(() =>
      pack({ project: process.cwd(), out: flags.out, ...(output === undefined ? {} : { output }) }),
    );
  });

program
  .command("wrap")
  .description("Put the gate in front of a build by hand, as the action does.")
  .argument("<folder>", "output folder of the build; wrapped in place unless --out is given")
  .requiredOption("--policy <file>", "gate.json")
  .addOption(
    new Option("--environment <name>", "which of the policy's environments")
      .choices(["preview", "production"])
      .makeOptionMandatory(),
  )
  .requiredOption("--sign-in-origin <origin>", "the sign-in host, such as https://sign-in.example.com")
  .option("--keys <file>", "its public keys (JWKS, each with not_after), for when it can't be asked")
  .option("--project-name <name>", "name of the Pages project")
  .option("--out <folder>", "write the wrapped site into this folder instead")
  .action((folder: string, flags: WrapFlags) =>
    told(() => wrap({ ...flags, project: process.cwd(), directory: folder, gate: readGate() })),
  );

addInit(program);
addExplain(program);
addTest(program);
addVerify(program);

program
  .command("keygen")
  .description("Make a signing key and a cookie key for a sign-in host that is set up by hand.")
  .option("--json", "print one JSON object: { secrets, variables }")
  .action((flags: { json?: boolean }) =>
    told(async () => {
      const { output, advice } = await keygen(flags.json === true, Date.now());
      console.error(advice);
      return output;
    }),
  );

program
  .command("doctor")
  .description(
    "Say whether the static files of a plain Worker come through the gate, and prove it by a request.",
  )
  .option("--policy <file>", "gate.json", "gate.json")
  .addOption(
    new Option("--environment <name>", "which of the policy's environments the Worker is in")
      .choices(["preview", "production"])
      .default("production"),
  )
  .option("--url <origin>", "where the Worker is deployed")
  .action((flags: { policy: string; environment: Environment; url?: string }) =>
    told(() => doctor({ ...flags, project: process.cwd() })),
  );

await program.parseAsync();
