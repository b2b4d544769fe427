import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { resolveCommit, resolveShortName } from "../../state/git.ts";
import { gitEnvironment } from "../../state/git-process.ts";
import { allows } from "../../tokens/permissions.ts";
import { runProcess } from "../process.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

const inputs = [
  "ref",
  "repository",
  "path",
  "fetch-depth",
  "persist-credentials",
  "clean",
  "token",
  "submodules",
  "lfs",
];

/**
 * actions/checkout: fetches the event's commit, or `ref`, from the real repository into the workspace.
 * Without `contents: read` the repository isn't found, as with the real token.
 */
export async function checkout(context: StepContext): Promise<StepEnd> {
  const { job, output, env, signal } = context;
  const { event, grant, machine, workspace } = job;
  const given = inputsOf(context, inputs);
  const name = given["repository"] ?? event.repository.fullName;
  const [owner = "", repo = ""] = name.split("/");
  const repository = machine.github.store.repository(owner, repo);
  const own = repository === grant.repository && allows(grant.permissions, "contents", "read");
  if (repository === undefined || (!own && repository.visibility !== "public")) {
    throw new Error(
      `remote: Repository not found. fatal: repository '${machine.github.serverUrl}/${name}/' not found`,
    );
  }
  const wanted = given["ref"] || undefined;
  const elsewhere = repository !== event.repository;
  const ref = wanted ?? (elsewhere ? `refs/heads/${repository.defaultBranch}` : event.ref);
  const sha = wanted === undefined && !elsewhere ? event.sha : await find(repository.gitDir, ref);
  if (sha === undefined) throw new Error(`A branch or tag with the name '${ref}' could not be found`);

  const cwd = resolve(workspace, given["path"] ?? ".");
  await mkdir(cwd, { recursive: true });
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const depth = given["fetch-depth"] === "0" ? [] : [`--depth=${given["fetch-depth"] || "1"}`];
  const commands = [
    ["init", "--quiet", "."],
    ["remote", "add", "origin", `${machine.github.serverUrl}/${repository.fullName}`],
    ["fetch", "--quiet", "--no-tags", ...depth, `file://${repository.gitDir}`, sha],
    ["checkout", "--quiet", "--force", ...(branch === undefined ? ["--detach"] : ["-B", branch]), sha],
  ];
  for (const args of commands) {
    const { exitCode, cancelled } = await runProcess({
      command: "git",
      args,
      cwd,
      env: { ...env, ...gitEnvironment },
      onLine: (line) => output.line(line),
      signal,
    });
    if (exitCode !== 0 || cancelled) return { ok: false, exitCode };
  }
  output.note(`${repository.fullName} at ${ref} (${sha})`);
  return { ok: true, outputs: { ref, commit: sha } };
}

async function find(gitDir: string, ref: string): Promise<string | undefined> {
  return ref.startsWith("refs/") ? resolveCommit(gitDir, ref) : resolveShortName(gitDir, ref);
}
