import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { CommandFault } from "../fault.ts";
import { told } from "../told.ts";
import { wrap } from "../wrap.ts";
import { jsonOption } from "./shared.ts";

interface Flags {
  readonly policy: string;
  readonly environment: string;
  readonly signInOrigin: string;
  readonly keys?: string;
  readonly projectName?: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly authority: string;
  readonly out?: string;
  readonly json?: true;
}

/** @param gateFile the prebuilt gate beside the built command; the one that takes bearer tokens is beside it */
export function addWrap(program: Command, gateFile: URL): void {
  const readGate = (kind: "plain" | "bearer"): string =>
    readPrebuilt(kind === "plain" ? gateFile : new URL("gate-site-bearer.js", gateFile));
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
    .option("--tenant-id <id>", "whose access tokens a production with bearer takes")
    .option("--client-id <id>", "the gate application that they must be for")
    .option("--authority <origin>", "where that tenant signs in", "https://login.microsoftonline.com")
    .option("--out <folder>", "write the wrapped site into this folder instead")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExample:\n  entra-gate wrap dist --policy gate.json --environment preview --sign-in-origin https://sign-in.example.com --out wrapped",
    )
    .action((folder: string, flags: Flags) =>
      told(() => wrap({ ...flags, project: process.cwd(), directory: folder, gate: readGate }), flags.json),
    );
}

function readPrebuilt(file: URL): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new CommandFault(
      "gate-missing",
      "The package is incomplete: its prebuilt gate is missing. Install pages-plugin-entra-gate again.",
    );
  }
}
