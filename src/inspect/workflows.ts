import type { Finding } from "../findings.ts";
import { type FindingCode, found } from "./codes.ts";
import { word } from "./shell.ts";
import type { ActionUse } from "./workflow-file.ts";

/** What the gate job's token has to be allowed, and what for stands in docs/action.md. */
const needed = {
  "id-token": "write",
  contents: "read",
  actions: "read",
  "pull-requests": "write",
  statuses: "write",
  deployments: "write",
} as const;

/**
 * The workflow files of the default branch: whether there is a gate, who may run it, and with what.
 * @param repository `owner/name`
 * @param states by path; a file that no state is known of has not run yet
 */
export function workflows(
  repository: string,
  uses: readonly ActionUse[],
  states: ReadonlyMap<string, string>,
): Finding[] {
  const gates = uses.filter(({ command, triggers }) => isGate(command, triggers));
  if (gates.length === 0)
    return [
      found("workflow-missing", {
        subject: repository,
        text: "No workflow of the default branch runs the action on `workflow_run` or `pull_request`: nothing is put behind the gate.",
        remedy: "npx entra-gate init writes both workflows; merge them into the default branch.",
      }),
    ];
  return [
    ...gates.flatMap((use) => [...permissionFindings(use), ...oneJob(use)]),
    ...uses.flatMap((use) => (use.command === "token" ? [] : environmentFindings(use))),
    ...[...new Set(uses.map(({ file }) => file))].flatMap((file) =>
      switchedOff(repository, file, states.get(file)),
    ),
    ...(uses.some(({ triggers, command }) => triggers.includes("schedule") && /^(audit)?$/.test(command))
      ? []
      : [
          found("schedule-missing", {
            subject: repository,
            text: "No workflow runs the action on a schedule: credential and keys are renewed by pushes only, and nobody looks after older deployments.",
            remedy:
              "npx entra-gate init writes one that audits every morning; merge it into the default branch.",
          }),
        ]),
  ];
}

function isGate(command: string, triggers: readonly string[]): boolean {
  return (
    /^(protect)?$/.test(command) &&
    triggers.some((trigger) => trigger === "workflow_run" || trigger === "pull_request")
  );
}

const at = ({ file, job }: ActionUse): string => `${file}, job ${job}`;

function permissionFindings(use: ActionUse): Finding[] {
  const { permissions } = use;
  if (permissions === "write-all") return [];
  const has = (name: string, level: string): boolean => {
    if (permissions === "read-all") return level === "read";
    const given = permissions?.[name];
    return given === "write" || given === level;
  };
  const missing = Object.entries(needed)
    // Without any `permissions:` the repository's default counts, which never has an ID token and may have the rest.
    .filter(([name, level]) => (permissions === undefined ? name === "id-token" : !has(name, level)))
    .map(([name, level]) => `${name}: ${level}`);
  if (missing.length === 0) return [];
  return [
    found("workflow-permission-missing", {
      subject: at(use),
      text: `The job's token is not given what the action needs: ${missing.join(", ")}.`,
      remedy: `Add under \`permissions:\` in ${use.file}: ${missing.join("; ")}`,
    }),
  ];
}

/** Loudly, since it is a choice that looks harmless. */
function oneJob(use: ActionUse): Finding[] {
  if (!use.triggers.includes("pull_request")) return [];
  return [
    found("workflow-one-job", {
      subject: at(use),
      text: "It runs on `pull_request`, with the workflow file of the pull request: whoever may push a branch may use Cloudflare's token and the automation's identity.",
      remedy:
        "Split it in two, as npx entra-gate init writes it: a build without any secret on `pull_request`, the gate on `workflow_run`.",
    }),
  ];
}

function environmentFindings(use: ActionUse): Finding[] {
  if (use.environment !== "") return [];
  return [
    found("workflow-without-environment", {
      subject: at(use),
      text: "The job names no environment: its secrets and its identity are within reach of any branch's workflow.",
      remedy: `Add \`environment: entra-gate\` to the job in ${use.file}, and keep Cloudflare's token in that environment only.`,
    }),
  ];
}

function switchedOff(repository: string, file: string, state = "active"): Finding[] {
  if (state === "active") return [];
  const code: FindingCode = "workflow-off";
  const name = file.split("/").at(-1) ?? "";
  const why =
    state === "disabled_inactivity"
      ? "GitHub switched it off after 60 days without a commit"
      : `its state is ${state}`;
  return [
    found(code, {
      subject: file,
      text: `The workflow does not run: ${why}.`,
      remedy: `gh workflow enable ${word(name)} --repo ${repository}`,
    }),
  ];
}
