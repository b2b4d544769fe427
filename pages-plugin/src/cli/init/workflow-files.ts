import type { Answers } from "./answers.ts";
import type { Found } from "./detect.ts";

/** Versions that a project without package.json is given, which has no lock file to say so. */
export const unlocked = "npx --yes --package pages-plugin-entra-gate --package wrangler";

/** `workflow_run` finds the build by its name, so no other workflow may have it. */
function workflowNames({ repository: { directory, workflowNames: taken } }: Found): {
  build: string;
  gate: string;
} {
  const of = directory === "" ? "" : ` ${directory}`;
  return {
    build: taken.includes(`Build${of}`) ? `Entra Gate build${of}` : `Build${of}`,
    gate: `Entra Gate${of}`,
  };
}

/** The workflow that builds: no secret, no identity, for whatever a pull request made of it. */
export function buildWorkflow(found: Found, { output }: Answers): string {
  const { manager, build, repository, installed } = found;
  const steps = [
    ["- uses: actions/checkout@v4"],
    ...(manager?.name === "pnpm" ? [["- uses: pnpm/action-setup@v4"]] : []),
    ...(manager?.name === "bun" ? [["- uses: oven-sh/setup-bun@v2"]] : []),
    ["- uses: actions/setup-node@v4", "  with:", "    node-version: 24"],
    ...(manager === undefined ? [] : [[`- run: ${manager.install}`]]),
    ...(build === undefined ? [] : [[`- run: ${build}`]]),
    [`- run: ${packCommand(manager && installed ? manager.exec : unlocked, output)}`],
    [
      "- uses: actions/upload-artifact@v4",
      "  with:",
      "    name: entra-gate",
      `    path: ${inDirectory(repository.directory, "entra-gate.tar")}`,
      "    if-no-files-found: error",
      "    retention-days: 3",
    ],
  ];
  return `# Builds the site. It has no secret and no identity: whatever a pull request changes here, it can reach nothing.
name: ${quoted(workflowNames(found).build)}
on:
  pull_request:
  push:
    branches: [${quoted(repository.defaultBranch)}]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
${repository.directory === "" ? "" : `    defaults:\n      run:\n        working-directory: ${quoted(repository.directory)}\n`}    steps:
${steps
  .flat()
  .map((line) => `      ${line}`)
  .join("\n")}
`;
}

function packCommand(exec: string, output: string): string {
  const words = `${exec} entra-gate pack ${/^[\w./-]+$/.test(output) ? output : `'${output.replaceAll("'", "'\\''")}'`}`;
  return /[:#'"]/.test(words) ? JSON.stringify(words) : words;
}

/** The workflow that gates: the default branch's, in the one environment that has the token and the identity. */
export function gateWorkflow(found: Found, { action }: Answers): string {
  const { repository } = found;
  const names = workflowNames(found);
  const below =
    repository.directory === "" ? "" : `          working-directory: ${quoted(repository.directory)}\n`;
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
  contents: read
  actions: read
  pull-requests: write
  statuses: write
  deployments: write
concurrency:
  # A fork's branch may be called like ours: whose it is and what started the build tell them apart. What happens to a
  # pull request has groups of its own: of a group's waiting runs GitHub keeps the last one only.
  group: entra-gate-\${{ github.event.workflow_run.head_repository.id }}-\${{ github.event.workflow_run.event }}-\${{ github.event.workflow_run.head_branch }}-\${{ github.event.number }}-\${{ github.event.action }}
jobs:
  gate:
    if: \${{ github.event.workflow_run.conclusion == 'success' || github.event.action == 'closed' || (github.event.number && github.event.pull_request.head.repo.id != github.repository_id) }}
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
          project-name: \${{ vars.CLOUDFLARE_PROJECT }}
          sign-in-host-project: \${{ vars.SIGN_IN_HOST_PROJECT }}
          forks: label
          cloudflare-account-id: \${{ vars.CLOUDFLARE_ACCOUNT_ID }}
          cloudflare-api-token: \${{ secrets.CLOUDFLARE_API_TOKEN }}
${below}`;
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
