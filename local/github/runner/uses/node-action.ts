import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { interpolate } from "../expressions.ts";
import { runProcess } from "../process.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { map, type YamlMap } from "../workflow-file.ts";

/**
 * Runs a JavaScript action from a folder with action.yml and what it names: inputs from `with:`, defaults from action.yml,
 * `main` with this machine's Node 24, in the environment of a runner and nothing else.
 * @throws Error for an action.yml that asks for what this runner doesn't do
 */
export async function runNodeAction(
  context: StepContext,
  action: { readonly ref: string; readonly folder: string },
): Promise<StepEnd> {
  const { job, output, env, signal, scope } = context;
  const definition = parse(await readFile(join(action.folder, "action.yml"), "utf8")) as YamlMap;
  const runs = map(definition["runs"]);
  const own = process.versions.node.split(".")[0];
  if (runs["using"] !== `node${own}`)
    throw new Error(`runs.using: '${String(runs["using"])}', this machine has node${own}`);
  for (const key of ["pre", "post"])
    if (key in runs) throw new Error(`runs.${key}: the local runner runs main only`);

  const declared = map(definition["inputs"]);
  const names = Object.keys(declared);
  for (const name of Object.keys(context.with)) {
    if (!names.includes(name))
      output.annotate("warning", `Unexpected input(s) '${name}', valid inputs are ['${names.join("', '")}']`);
  }
  const inputs: Record<string, string> = {};
  for (const name of names) {
    const value = context.with[name] ?? interpolate(map(declared[name])["default"], scope);
    inputs[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] = value;
  }
  const [repository = "", ref = ""] = action.ref.split("@");
  const { exitCode, cancelled } = await runProcess({
    command: process.execPath,
    args: [join(action.folder, String(runs["main"]))],
    cwd: job.workspace,
    env: { ...env, ...inputs, GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref },
    onLine: (line) => output.line(line),
    onStart: (pid) => job.onProgress({ kind: "action-started", action: action.ref, pid }),
    signal,
  });
  return { ok: exitCode === 0 && !cancelled, cancelled, exitCode };
}
