import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { actionErrors } from "../../contract/errors/action.ts";
import { code, table } from "./markdown.ts";

interface ActionFile {
  readonly inputs: Readonly<Record<string, { description: string; required?: boolean; default?: string }>>;
  readonly outputs: Readonly<Record<string, { description: string }>>;
}

/** What each permission of the workflows' tokens is for; the example's workflows are what counts. */
const permissions: Readonly<Record<string, string>> = {
  "id-token": "GitHub's OIDC token, exchanged at Entra: no cloud password is stored",
  attestations: "GitHub's signature under the evidence file, where the repository can have one",
  contents: "the policy as the default branch has it, and which commit is its tip",
  actions: "the build run and its artifact",
  "pull-requests": "the comment, and which pull request a commit belongs to",
  statuses: "the commit status `Entra Gate` on the head commit",
  deployments: "the GitHub deployment with its environment URL",
  issues: "labels of pull requests, and the one issue that the scheduled audit keeps",
  "security-events": "the audit's findings in code scanning",
};
const workflows = ["entra-gate", "entra-gate-audit"] as const;

/** docs/action.md: inputs, outputs, permissions and errors of the action. */
export function actionPage(root: string): string {
  const { inputs, outputs } = parse(readFileSync(join(root, "action.yml"), "utf8")) as ActionFile;
  const granted = workflows.flatMap((name) =>
    Object.entries(permissionsOf(join(root, `examples/demo/.github/workflows/${name}.yml`))).map(
      ([permission, access]) => ({ name, permission, access }),
    ),
  );
  return [
    "# The action",
    "",
    "`uses: …/entra-gate@v1`, in a workflow as [examples/demo](../examples/demo/.github/workflows) has it. How to set it up:",
    "[setup.md](setup.md).",
    "",
    "## Inputs",
    table(
      ["Input", "", "What it is"],
      Object.entries(inputs).map(([name, { description, required, default: usual }]) => [
        code(name),
        required ? "required" : usual === undefined ? "" : `default ${code(usual)}`,
        description,
      ]),
    ),
    "## Outputs",
    table(
      ["Output", "What it is"],
      Object.entries(outputs).map(([name, { description }]) => [code(name), description]),
    ),
    "## Permissions of the jobs",
    table(
      ["Permission", "Access", "Job of", "What for"],
      [...new Set(granted.map(({ permission }) => permission))].map((permission) => {
        const jobs = granted.filter((one) => one.permission === permission);
        return [
          code(permission),
          jobs[0]?.access ?? "",
          jobs.map(({ name }) => code(`${name}.yml`)).join(", "),
          permissions[permission] ?? missing(permission),
        ];
      }),
    ),
    "## Errors",
    "Each ends the run with one annotation and exit code 1.",
    "",
    table(
      ["Code", "What happened, and what to do"],
      Object.entries(actionErrors).map(([name, { operator }]) => [code(name), operator]),
    ),
  ].join("\n");
}

function permissionsOf(path: string): Readonly<Record<string, string>> {
  const workflow = parse(readFileSync(path, "utf8")) as { permissions: Readonly<Record<string, string>> };
  return workflow.permissions;
}

function missing(name: string): never {
  throw new Error(`local/docs/action-page.ts does not say what the permission ${name} is for`);
}
