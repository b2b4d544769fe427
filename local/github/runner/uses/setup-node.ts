import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

const inputs = [
  "node-version",
  "node-version-file",
  "cache",
  "cache-dependency-path",
  "package-manager-cache",
  "check-latest",
];

/** actions/setup-node: the machine's one Node, which fails the step where another major version is asked for. */
export async function setupNode(context: StepContext): Promise<StepEnd> {
  const wanted = inputsOf(context, inputs)["node-version"] ?? "";
  const major = /^v?(\d+)(\.|$)/.exec(wanted)?.[1];
  const own = process.versions.node.split(".")[0];
  if (major !== undefined && major !== own)
    throw new Error(`Unable to find Node version '${wanted}': this machine has ${process.version}`);
  context.output.note(`node: ${process.version}`);
  return { ok: true, outputs: { "node-version": process.version, "cache-hit": "false" } };
}
