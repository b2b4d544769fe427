import type { Answers } from "./answers.ts";
import { auditWorkflow } from "./audit-workflow.ts";
import type { Found } from "./detect.ts";
import type { Site } from "./monorepo.ts";
import type { Repository } from "./repository.ts";

/** Versions that a project without package.json is given, which has no lock file to say so. */
export const unlocked = "npx --yes --package pages-plugin-entra-gate --package wrangler";

/** `workflow_run` finds the build by its name, so no other workflow may have it. */
function workflowNames({ directory, workflowNames: taken }: Repository): {
  build: string;
  gate: string;
  audit: string;
} {
  const of = directory === "" ? "" : ` ${directory}`;
  return {
    build: taken.includes(`Build${of}`) ? `Entra Gate build${of}` : `Build${of}`,
    gate: `Entra Gate${of}`,
    audit: `Entra Gate audit${of}`,
  };
}

/**
 * The workflow that builds: no secret, no identity, for whatever a pull request made of it.
 * @param whole the monorepo that the sites are in; undefined for one site with workflows of its own
 */
export function buildWorkflow(sites: readonly Site[], whole: Found | undefined): string {
  const { repository, manager } = whole ?? (sites[0] as Site).found;
  const { directory } = repository;
  const once = whole === undefined || manager !== undefined;
  const steps = [
    ["- uses: actions/checkout@v4"],
    ...(manager?.name === "pnpm" ? [["- uses: pnpm/action-setup@v4"]] : []),
    ...(manager?.name === "bun" ? [["- uses: oven-sh/setup-bun@v2"]] : []),
    ["- uses: actions/setup-node@v4", "  with:", "    node-version: 24"],
    ...(once && manager !== undefined ? [[`- run: ${manager.install}`]] : []),
    ...sites.flatMap((site) => siteSteps(site, whole, once)),
  ];
  return `# Builds the ${whole === undefined ? "site" : "sites"}. It has no secret and no identity: whatever a pull request changes here, it can reach nothing.
name: ${quoted(workflowNames(repository).build)}
on:
  pull_request:
  push:
    branches: [${quoted(repository.defaultBranch)}]
  merge_group:
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
${directory === "" ? "" : `    defaults:\n      run:\n        working-directory: ${quoted(directory)}\n`}    steps:
${steps
  .flat()
  .map((line) => `      ${line}`)
  .join("\n")}
`;
}

/** @param once whether what the site is built with was installed before */
function siteSteps({ found, output, project }: Site, whole: Found | undefined, once: boolean): string[][] {
  const { manager, build, repository, installed } = found;
  const isInstalled = installed || whole?.installed === true;
  const runs = [
    ...(once || manager === undefined ? [] : [manager.install]),
    ...(build === undefined ? [] : [build]),
    packCommand(manager && isInstalled ? manager.exec : unlocked, output),
  ];
  const inFolder = whole === undefined ? [] : [`  working-directory: ${quoted(repository.directory)}`];
  return [
    ...runs.map((command) => [`- run: ${command}`, ...inFolder]),
    [
      "- uses: actions/upload-artifact@v4",
      "  with:",
      `    name: ${whole === undefined ? "entra-gate" : `entra-gate-${project}`}`,
      `    path: ${inDirectory(repository.directory, "entra-gate.tar")}`,
      "    if-no-files-found: error",
      "    retention-days: 3",
    ],
  ];
}

function packCommand(exec: string, output: string): string {
  const words = `${exec} entra-gate pack ${/^[\w./-]+$/.test(output) ? output : `'${output.replaceAll("'", "'\\''")}'`}`;
  return /[:#'"]/.test(words) ? JSON.stringify(words) : words;
}

/**
 * The workflow that gates: the default branch's, in the one environment that has the token and the identity.
 * @param whole the monorepo that the sites are in; undefined for one site with workflows of its own
 */
export function gateWorkflow(sites: readonly Site[], whole: Found | undefined, { action }: Answers): string {
  const { repository } = whole ?? (sites[0] as Site).found;
  const names = workflowNames(repository);
  return `# Puts the gate in front of what was built, deploys it and proves that it is closed; takes a preview away when its pull
# request is closed. It runs as the default branch has it, never as a pull request does, and checks nothing out; the
# environment "entra-gate" admits the default branch only.
name: ${quoted(names.gate)}
on:
  workflow_run:
    workflows: [${quoted(names.build)}]
    types: [completed]
  pull_request_target:
    # The first two are for forks: the label "entra-gate" approves one commit, a newer one takes it off (docs/forks.md).
    types: [labeled, synchronize, closed]
permissions:
  id-token: write
  attestations: write
  contents: read
  actions: read
  pull-requests: write
  statuses: write
  deployments: write
concurrency:
  # A fork's branch may be called like ours: whose it is and what started the build tell them apart. What happens to a
  # pull request has groups of its own: of a group's waiting runs GitHub keeps the last one only.
  group: entra-gate-${inGroup(repository.directory)}\${{ github.event.workflow_run.head_repository.id }}-\${{ github.event.workflow_run.event }}-\${{ github.event.workflow_run.head_branch }}-\${{ github.event.number }}-\${{ github.event.action }}
jobs:
  gate:
    if: \${{ github.event.workflow_run.conclusion == 'success' || github.event.workflow_run.event == 'merge_group' || github.event.action == 'closed' || (github.event.number && github.event.pull_request.head.repo.id != github.repository_id) }}
    runs-on: ubuntu-latest
    environment: entra-gate
    steps:
      - id: gate
        uses: ${action}
        with:
          tenant-id: \${{ vars.ENTRA_TENANT_ID }}
          client-id: \${{ vars.ENTRA_AUTOMATION_CLIENT_ID }}
          gate-client-id: \${{ vars.ENTRA_GATE_CLIENT_ID }}
          test-client-id: \${{ vars.ENTRA_TEST_CLIENT_ID }}
${whichSites(sites, whole)}          sign-in-host-project: \${{ vars.SIGN_IN_HOST_PROJECT }}
          forks: label
          cloudflare-account-id: \${{ vars.CLOUDFLARE_ACCOUNT_ID }}
          cloudflare-api-token: \${{ secrets.CLOUDFLARE_API_TOKEN }}
      - if: \${{ always() && steps.gate.outputs.evidence-path }}
        uses: actions/upload-artifact@v4
        with:
          name: entra-gate-evidence
          path: \${{ steps.gate.outputs.evidence-path }}
          retention-days: 90
      # GitHub signs the evidence where it can: in public repositories, and with Enterprise Cloud in private ones (docs/evidence.md).
      - if: \${{ always() && steps.gate.outputs.evidence-path && !github.event.repository.private }}
        uses: actions/attest-build-provenance@v3
        with:
          subject-path: \${{ steps.gate.outputs.evidence-path }}
`;
}

/**
 * The workflow that looks at everything again, on a schedule.
 * @param whole the monorepo that the sites are in; undefined for one site with workflows of its own
 */
export function scheduledWorkflow(
  sites: readonly Site[],
  whole: Found | undefined,
  { action }: Answers,
): string {
  const { repository } = whole ?? (sites[0] as Site).found;
  const group = `entra-gate-audit${repository.directory === "" ? "" : `-${repository.directory}`}`;
  const names = { workflow: quoted(workflowNames(repository).audit), group: quoted(group) };
  return auditWorkflow(names, action, whichSites(sites, whole));
}

/** One site at the root is named by a variable, as the administrator sets it up; others are told apart here. */
function whichSites(sites: readonly Site[], whole: Found | undefined): string {
  const [{ found, project }] = sites as [Site];
  const { directory } = found.repository;
  const lines =
    whole !== undefined
      ? ["projects: |", ...sites.map((site) => `  ${site.project}: ${site.found.repository.directory}`)]
      : directory === ""
        ? [`project-name: \${{ vars.CLOUDFLARE_PROJECT }}`]
        : [`project-name: ${quoted(project)}`, `working-directory: ${quoted(directory)}`];
  return lines.map((line) => `          ${line}\n`).join("");
}

/** Groups are the repository's, not the workflow's: without it one site's runs would push another's out of the queue. */
function inGroup(directory: string): string {
  return directory === "" ? "" : `${directory.replace(/\W/g, "-")}-`;
}

function inDirectory(directory: string, file: string): string {
  return quoted(directory === "" ? file : `${directory}/${file}`);
}

/** A YAML scalar: plain where it can't be read as anything else. */
function quoted(text: string): string {
  return /^[A-Za-z_][\w./ -]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
