/**
 * The workflow that audits: on a schedule and by hand, as the default branch has it.
 * @param names of the workflow itself, and of the group that keeps two audits of it apart
 * @param action as `uses:` has it
 * @param sites lines of `with:` that say which sites, each with its line end
 */
export function auditWorkflow(
  names: { readonly workflow: string; readonly group: string },
  action: string,
  sites: string,
): string {
  return `# Looks at everything again, every morning and by hand: each deployment, alias and domain from outside, the settings at
# Cloudflare and Entra, and renews credential and keys. What it finds stands in one issue, in code scanning, in the
# summary and in the evidence files.
name: ${names.workflow}
on:
  schedule:
    - cron: "17 5 * * *"
  workflow_dispatch:
    inputs:
      delete-ungated:
        description: Delete deployments that show something to somebody who is not signed in
        type: boolean
        default: false
permissions:
  id-token: write
  contents: read
  actions: read
  issues: write
  security-events: write
concurrency:
  group: ${names.group}
jobs:
  audit:
    runs-on: ubuntu-latest
    environment: entra-gate
    steps:
      - id: audit
        uses: ${action}
        with:
          command: audit
          delete-ungated: \${{ inputs.delete-ungated }}
          tenant-id: \${{ vars.ENTRA_TENANT_ID }}
          client-id: \${{ vars.ENTRA_AUTOMATION_CLIENT_ID }}
          gate-client-id: \${{ vars.ENTRA_GATE_CLIENT_ID }}
          test-client-id: \${{ vars.ENTRA_TEST_CLIENT_ID }}
${sites}          sign-in-host-project: \${{ vars.SIGN_IN_HOST_PROJECT }}
          cloudflare-account-id: \${{ vars.CLOUDFLARE_ACCOUNT_ID }}
          cloudflare-api-token: \${{ secrets.CLOUDFLARE_API_TOKEN }}
      - if: \${{ always() && steps.audit.outputs.sarif-path }}
        # Code scanning is not there for every repository; the issue is.
        continue-on-error: true
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: \${{ runner.temp }}/entra-gate/sarif
      - if: \${{ always() && steps.audit.outputs.evidence-path }}
        uses: actions/upload-artifact@v4
        with:
          name: entra-gate-audit
          path: \${{ runner.temp }}/entra-gate/audit
          retention-days: 90
`;
}
