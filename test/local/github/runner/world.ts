import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import {
  createRunner,
  type Repository,
  type Runner,
  type RunResult,
  type StepResult,
} from "../../../../local/github/index.ts";
import { type Setting, startSetting } from "../support.ts";

const testdata = join(import.meta.dirname, "../testdata");
export const workflow = (name: string) => readFileSync(join(testdata, "workflows", name), "utf8");
export const apiToken = "a-secret-of-the-environment";
const buildScript = `const fs = require("node:fs");
fs.mkdirSync("site/.well-known", { recursive: true });
fs.writeFileSync("site/.well-known/security.txt", "x");
fs.writeFileSync("site/version.txt", require("made-up") + fs.readFileSync("version", "utf8"));`;
const files = {
  ".github/workflows/build.yml": workflow("build.yml"),
  ".github/workflows/gate.yml": workflow("gate.yml"),
  "package.json": JSON.stringify({ name: "site", private: true, scripts: { build: "node build.cjs" } }),
  "package-lock.json": "{}",
  "build.cjs": buildScript,
  version: "1",
};

/** GitHub, a runner and a folder with what they are given: made before a file's tests, gone after them. */
export interface World {
  setting: Setting;
  runner: Runner;
  /** Holds `action`, `node_modules` and `tools`. */
  folder: string;
}

export const world = {} as World;
let count = 0;

export function useWorld(): void {
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "runner-test-"));
    cpSync(join(testdata, "action"), join(folder, "action"), { recursive: true });
    mkdirSync(join(folder, "node_modules/made-up"), { recursive: true });
    writeFileSync(join(folder, "node_modules/made-up/index.js"), 'module.exports = "version ";');
    const setting = await startSetting();
    const runner = await createRunner({
      github: setting.github,
      action: { ref: "acme/entra-gate@v1", folder: join(folder, "action") },
      toolCache: join(folder, "tools"),
      npm: { nodeModules: join(folder, "node_modules") },
    });
    Object.assign(world, { setting, runner, folder });
  });
  afterAll(async () => {
    await world.runner.close();
    await world.setting.github.close();
    rmSync(world.folder, { recursive: true });
  });
}

/** A repository of its own for each test, with the environment that gate.yml names. */
export async function repositoryWith(extra: Record<string, string> = {}) {
  count += 1;
  const wanted = { owner: "acme", name: `site${count}`, files: { ...files, ...extra } };
  const made = await world.setting.github.createRepository(wanted);
  const environment = world.setting.github.store.environment(made.repository, "entra-gate");
  environment.branches = ["main"];
  environment.secrets.set("API_TOKEN", apiToken);
  made.repository.variables.set("TENANT_ID", "tenant-1");
  return made;
}

/** One workflow of these steps, on push, run. */
export async function runSteps(
  steps: string,
  head = "",
  extra: Record<string, string> = {},
): Promise<RunResult> {
  const yaml = `name: Probe\non: push\n${head}\njobs:\n  probe:\n    runs-on: ubuntu-latest\n    steps:\n${steps.replace(/^/gm, "      ")}\n`;
  count += 1;
  const content = { ".github/workflows/probe.yml": yaml, ...extra };
  const { events } = await world.setting.github.createRepository({
    owner: "acme",
    name: `probe${count}`,
    files: content,
  });
  const [result] = await world.runner.run(events);
  if (result === undefined) throw new Error("nothing ran");
  return result;
}

/** A step's result by its id, in whatever job it is. */
export function stepOf(result: RunResult | undefined, id: string): StepResult {
  const step = result?.jobs.flatMap(({ steps }) => steps).find((each) => each.id === id);
  if (step === undefined) throw new Error(`no step ${id} in ${JSON.stringify(result, null, 1)}`);
  return step;
}

export const summaryOf = (results: readonly RunResult[]) =>
  results.map(({ workflow: name, event, conclusion }) => [name, event, conclusion]);
export const environmentOf = (step: StepResult) =>
  JSON.parse(step.outputs["env"] ?? "{}") as Record<string, string>;

/** A pull request from a stranger's copy, whose branch is called like the default branch. */
export async function fork(repository: Repository) {
  const { activities, fork: forkOf } = world.setting.github;
  const copy = await forkOf(repository, `stranger${count}`);
  await activities.push(copy, { branch: "main", files: { version: "fork" }, by: `stranger${count}` });
  return activities.openPullRequest(repository, { branch: "main", from: copy, by: `stranger${count}` });
}
