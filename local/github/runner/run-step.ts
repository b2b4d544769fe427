import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { delimiter, join, resolve, sep } from "node:path";
import { OutputReader } from "./commands.ts";
import { holds, interpolate, interpolateMap, type Scope } from "./expressions.ts";
import { type JobContext, jobScope, runnerEnvironment } from "./job-context.ts";
import { runProcess } from "./process.ts";
import type { StepConclusion, StepResult } from "./results.ts";
import type { StepContext, StepEnd } from "./step-context.ts";
import { createStepFiles } from "./step-files.ts";
import { actions } from "./uses/actions.ts";
import { runNodeAction } from "./uses/node-action.ts";
import { map, type StepFile } from "./workflow-file.ts";

type Performed = Omit<StepResult, "id" | "name" | "seconds">;

/** Runs one step, takes in what it wrote, and files its result with the job. Never rejects. */
export async function runStep(job: JobContext, step: StepFile, index: number): Promise<void> {
  const began = Date.now();
  const { yaml } = step;
  const names = { workflow: job.workflow.name, job: job.job.id };
  const id = typeof yaml["id"] === "string" ? yaml["id"] : `__step_${index}`;
  let name = `Run ${String(yaml["uses"] ?? yaml["run"] ?? "").split("\n")[0]}`;
  const output = new OutputReader(job.masks, (text) =>
    job.onProgress({ kind: "line", ...names, step: name, text }),
  );
  let performed: Performed;
  try {
    const env = { ...job.env, ...interpolateMap(yaml["env"], jobScope(job, job.env)) };
    const scope = jobScope(job, env);
    if (yaml["name"] !== undefined) name = interpolate(yaml["name"], scope);
    if (!holds(step.condition, scope)) {
      performed = { ...unperformed("skipped"), log: "", annotations: [] };
    } else {
      job.onProgress({ kind: "step-started", ...names, step: name });
      performed = await perform(job, step, scope, env, output);
    }
  } catch (error) {
    output.annotate("error", (error as Error).message);
    performed = { ...unperformed("failure"), log: output.log, annotations: output.annotations };
  }
  const { conclusion } = performed;
  if (conclusion === "cancelled") job.status = "cancelled";
  else if (conclusion === "failure" && job.status === "success") job.status = "failure";
  const result: StepResult = { id, name, ...performed, seconds: (Date.now() - began) / 1000 };
  job.steps.push(result);
  job.onProgress({ kind: "step-finished", ...names, step: result });
}

function unperformed(conclusion: StepConclusion) {
  return { outcome: conclusion, conclusion, outputs: {}, summary: "", exitCode: undefined };
}

async function perform(
  job: JobContext,
  step: StepFile,
  scope: Scope,
  env: Readonly<Record<string, string>>,
  output: OutputReader,
): Promise<Performed> {
  const files = await createStepFiles(job.temp);
  const path = [...job.path, ...machinePath()].join(delimiter);
  const context: StepContext = {
    job,
    step,
    scope,
    // A workflow can't set the runner's own variables, but its PATH, HOME and CI it can.
    env: { PATH: path, ...without(runnerEnvironment(job), env), ...files.environment },
    with: interpolateMap(step.yaml["with"], scope),
    output,
    signal: signalOf(job, step, scope),
    startedCancelled: isCancelled(job),
  };
  let end: StepEnd;
  let outputs: Record<string, string> = {};
  let summary = "";
  try {
    end = await start(context);
    outputs = { ...end.outputs, ...(await files.outputs()) };
    summary = job.masks.apply(await files.summary());
    Object.assign(job.env, await files.variables());
    job.path.unshift(...(await files.paths()).reverse());
  } catch (error) {
    output.annotate("error", (error as Error).message);
    end = { ok: false };
  }
  if (end.exitCode !== undefined && end.exitCode !== 0)
    output.annotate("error", `Process completed with exit code ${end.exitCode}.`);
  const outcome: StepConclusion = end.ok ? "success" : wasCancelled(job, context) ? "cancelled" : "failure";
  const forgiven = outcome === "failure" && interpolate(step.yaml["continue-on-error"], scope) === "true";
  const conclusion = forgiven ? "success" : outcome;
  const { log, annotations } = output;
  return { outcome, conclusion, outputs, log, summary, annotations, exitCode: end.exitCode };
}

function isCancelled({ signal }: JobContext): boolean {
  return signal?.aborted === true;
}

/** A job that is cancelled cancels its step; a step that takes too long just fails. */
function wasCancelled(job: JobContext, { startedCancelled }: StepContext): boolean {
  return !startedCancelled && isCancelled(job);
}

/** This machine's programs, without those that whoever started us has from a project's packages. */
function machinePath(): string[] {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.split(sep).includes("node_modules"));
}

function without(
  runner: Record<string, string>,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(runner).filter(([name]) => /^(GITHUB|RUNNER|ACTIONS)_/.test(name)),
  );
  return { ...runner, ...env, ...own };
}

function signalOf(job: JobContext, step: StepFile, scope: Scope): AbortSignal | undefined {
  const minutes = Number(interpolate(step.yaml["timeout-minutes"], scope) || Number.NaN);
  const cancelling = isCancelled(job) ? undefined : job.signal;
  const signals = [cancelling, Number.isNaN(minutes) ? undefined : AbortSignal.timeout(minutes * 60_000)];
  const given = signals.filter((signal) => signal !== undefined);
  return given.length === 0 ? undefined : AbortSignal.any(given);
}

async function start(context: StepContext): Promise<StepEnd> {
  const { job, step, output } = context;
  const uses = step.yaml["uses"];
  if (typeof uses !== "string") return runScript(context);
  output.note(`##[group]Run ${uses}`);
  for (const [name, value] of Object.entries(context.with)) output.note(`  ${name}: ${value}`);
  output.note("##[endgroup]");
  if (uses === job.machine.action.ref) return runNodeAction(context, job.machine.action);
  const action = actions[uses.split("@")[0] ?? ""];
  if (action === undefined)
    throw new Error(`Unable to resolve action ${uses}: the local runner doesn't have it`);
  return action(context);
}

/** Shells as GitHub starts them. */
const shells: Readonly<Record<string, readonly string[]>> = {
  "": ["bash", "-e"],
  bash: ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
  sh: ["sh", "-e"],
};

async function runScript({ job, step, scope, env, output, signal }: StepContext): Promise<StepEnd> {
  const script = interpolate(step.yaml["run"], scope);
  const shell = setting(job, step, "shell", scope);
  const [command, ...args] = shells[shell] ?? [];
  if (command === undefined) throw new Error(`shell '${shell}': the local runner has bash and sh`);
  const path = join(job.temp, `${randomUUID()}.sh`);
  await writeFile(path, script);
  output.note(`##[group]Run ${script.split("\n")[0]}`);
  for (const line of script.trimEnd().split("\n")) output.note(`  ${line}`);
  output.note("##[endgroup]");
  const cwd = resolve(job.workspace, setting(job, step, "working-directory", scope));
  const { exitCode, cancelled } = await runProcess({
    command,
    args: [...args, path],
    cwd,
    env,
    onLine: (line) => output.line(line),
    signal,
  });
  return { ok: exitCode === 0 && !cancelled, cancelled, exitCode };
}

/** A step's own setting, else the job's default, else the workflow's. */
function setting(job: JobContext, step: StepFile, name: string, scope: Scope): string {
  const defaults = (yaml: typeof step.yaml) => map(map(yaml["defaults"])["run"])[name];
  return interpolate(step.yaml[name] ?? defaults(job.job.yaml) ?? defaults(job.workflow.yaml), scope);
}
