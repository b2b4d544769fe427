import type { SetupNames } from "../names.ts";
import { shellWord } from "../shell.ts";
import type { StepText } from "../step.ts";

const role = "GitHub repository administrator";

export function environmentText({ repository, environment, defaultBranch }: SetupNames): StepText {
  const at = `repos/${repository}/environments/${environment}`;
  return {
    id: "github-environment",
    service: "github",
    title: `Make the GitHub environment “${environment}”, for the default branch only`,
    why: "Only jobs of the default branch's workflow get the identity and the token; a pull request's never do.",
    wont: "touches no other environment and no branch rule",
    role,
    shell: [
      `gh api --method PUT ${shellWord(at)} --field 'deployment_branch_policy[protected_branches]=false' --field 'deployment_branch_policy[custom_branch_policies]=true'`,
      `gh api --method POST ${shellWord(`${at}/deployment-branch-policies`)} --raw-field ${shellWord(`name=${defaultBranch}`)}`,
    ],
    byHand: `Settings > Environments > New: “${environment}”; Deployment branches: Selected branches, ${defaultBranch} only.`,
  };
}

export function settingsText(names: SetupNames): StepText {
  const variables: Readonly<Record<string, string>> = {
    ENTRA_TENANT_ID: '"$(az account show --query tenantId --output tsv)"',
    ENTRA_AUTOMATION_CLIENT_ID: '"$AUTOMATION"',
    ENTRA_GATE_CLIENT_ID: '"$GATE"',
    ...(names.testRole === undefined ? {} : { ENTRA_TEST_CLIENT_ID: '"$TEST"' }),
    CLOUDFLARE_PROJECT: shellWord(names.project),
    SIGN_IN_HOST_PROJECT: shellWord(names.signInHostProject),
    CLOUDFLARE_ACCOUNT_ID: shellWord(names.accountId),
  };
  const to = `--env ${shellWord(names.environment)} --repo ${shellWord(names.repository)}`;
  return {
    id: "github-settings",
    service: "github",
    title: "Give it its variables and the one secret",
    why: "Ids are no secrets; the token is, and nothing else is stored.",
    wont: "reads no secret and touches none of another name",
    role,
    shell: [
      ...Object.entries(variables).map(([name, value]) => `gh variable set ${name} ${to} --body ${value}`),
      `printf %s "$CLOUDFLARE_API_TOKEN" | gh secret set CLOUDFLARE_API_TOKEN ${to}`,
    ],
    byHand: `Variables ${Object.keys(variables).join(", ")}; secret CLOUDFLARE_API_TOKEN.`,
  };
}

export function statusText({ defaultBranch }: SetupNames): StepText {
  return {
    id: "github-status",
    service: "github",
    title: `See whether ${defaultBranch} requires the status “Entra Gate”`,
    why: "So that nothing is merged whose preview was not proved closed.",
    wont: "changes no branch rule",
    role,
    shell: [],
    byHand: `Settings > Rules > New branch ruleset: ${defaultBranch}; Require status checks to pass: “Entra Gate”. It can be chosen once a pull request has had it.`,
  };
}
