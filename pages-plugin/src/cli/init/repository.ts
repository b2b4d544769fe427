import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export interface Repository {
  /** Absolute path of the folder that holds `.git`; the project itself where there is none. */
  readonly root: string;
  /** The project below it, with `/`; "" for the root itself. */
  readonly directory: string;
  readonly defaultBranch: string;
  /** Workflow files that already use the action or the command, relative to the root. */
  readonly gated: readonly string[];
  /** Names of all other workflows: `workflow_run` tells workflows apart by name only. */
  readonly workflowNames: readonly string[];
}

/** What is known of the repository around a project, from its files alone: git need not be installed. */
export function readRepository(project: string): Repository {
  const root = rootOf(resolve(project)) ?? resolve(project);
  const workflows = workflowsOf(root);
  const isGated = ({ text }: Workflow) => text.includes("entra-gate");
  return {
    root,
    directory: relative(root, resolve(project)).replaceAll("\\", "/"),
    defaultBranch: defaultBranchOf(root),
    gated: workflows.filter(isGated).map(({ path }) => path),
    workflowNames: workflows
      .filter((one) => !isGated(one))
      .map(({ path, text }) => /^name:\s*["']?(.*?)["']?\s*$/m.exec(text)?.[1] ?? path),
  };
}

interface Workflow {
  readonly path: string;
  readonly text: string;
}

function workflowsOf(root: string): Workflow[] {
  const folder = join(root, ".github", "workflows");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ path: `.github/workflows/${name}`, text: readFileSync(join(folder, name), "utf8") }));
}

function rootOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : rootOf(parent);
}

/** As the clone remembers it of its remote, else the branch that is checked out. */
function defaultBranchOf(root: string): string {
  for (const file of [".git/refs/remotes/origin/HEAD", ".git/HEAD"]) {
    const path = join(root, file);
    const branch = existsSync(path)
      ? /^ref: refs\/(?:remotes\/origin|heads)\/(\S+)$/m.exec(readFileSync(path, "utf8"))?.[1]
      : undefined;
    if (branch !== undefined) return branch;
  }
  return "main";
}
