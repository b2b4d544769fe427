/** What has to be known to say what a company does once. */
export interface SetupNames {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly defaultBranch: string;
  /** The GitHub environment that alone has the identity and Cloudflare's token. */
  readonly environment: string;
  readonly project: string;
  readonly signInHostProject: string;
  readonly accountId: string;
}

/** Who may do a step: directory roles of Entra, or whoever administers the other services. */
export type Role =
  | "Application Developer"
  | "Cloud Application Administrator"
  | "Privileged Role Administrator"
  | "Cloudflare Super Administrator"
  | "GitHub repository administrator";

export interface SetupStep {
  readonly title: string;
  readonly why: string;
  readonly role: Role;
  /** Lines for a POSIX shell, with `az` or `gh` signed in; values of earlier steps are in variables. */
  readonly shell: readonly string[];
  /** The same for somebody who works in a browser. */
  readonly byHand: string;
}

const graph = "00000003-0000-0000-c000-000000000000";
/** App role `Application.ReadWrite.OwnedBy` of Microsoft Graph (learn.microsoft.com, "Microsoft Graph permissions reference"). */
const readWriteOwnedBy = "18a4783c-866b-4cc7-a460-3d5e5662c884";

/** Everything that is done once, in the order in which one step needs another. */
export function setupSteps(names: SetupNames): readonly SetupStep[] {
  return [...entraSteps(names), cloudflareStep, ...githubSteps(names)];
}

function entraSteps({ repository, environment }: SetupNames): SetupStep[] {
  const subject = `repo:${repository}:environment:${environment}`;
  const credential = {
    name: `github-${environment}`,
    issuer: "https://token.actions.githubusercontent.com",
    subject,
    audiences: ["api://AzureADTokenExchange"],
  };
  return [
    {
      title: "Register the gate application, which visitors sign in to",
      why: "Its redirect URI, roles, claims and credential are made by the action; nobody types them.",
      role: "Application Developer",
      shell: [
        'GATE=$(az ad app create --display-name "Entra Gate" --sign-in-audience AzureADMyOrg --query appId --output tsv)',
        'az ad sp create --id "$GATE"',
      ],
      byHand:
        "App registrations > New registration: “Entra Gate”, this organisational directory only, no redirect URI.",
    },
    {
      title: "Register the automation application, which the action acts as",
      why: "It gets no secret: GitHub's own token stands for it, from one environment of one repository.",
      role: "Application Developer",
      shell: [
        'AUTOMATION=$(az ad app create --display-name "Entra Gate automation" --sign-in-audience AzureADMyOrg --query appId --output tsv)',
        'az ad sp create --id "$AUTOMATION"',
        `az ad app federated-credential create --id "$AUTOMATION" --parameters ${shellWord(JSON.stringify(credential))}`,
      ],
      byHand: `App registrations > New registration: “Entra Gate automation”. Then Certificates & secrets > Federated credentials > Other issuer: issuer ${credential.issuer}, subject ${subject}, audience ${credential.audiences[0]}. If the first run's error names another subject, take that one.`,
    },
    {
      title: "Make the automation an owner of the gate application and of its service principal",
      why: "With Application.ReadWrite.OwnedBy it can change what it owns and nothing else.",
      role: "Application Developer",
      shell: [
        'OWNER=$(az ad sp show --id "$AUTOMATION" --query id --output tsv)',
        'az ad app owner add --id "$GATE" --owner-object-id "$OWNER"',
        `az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals(appId='$GATE')/owners/\\$ref" --body "{\\"@odata.id\\":\\"https://graph.microsoft.com/v1.0/directoryObjects/$OWNER\\"}"`,
      ],
      byHand:
        "An owner that is a service principal can't be chosen in the admin center: have the commands of `--print az` run.",
    },
    {
      title: "Let the automation write the applications that it owns",
      why: "The one permission that the action has in the tenant.",
      role: "Privileged Role Administrator",
      shell: [
        `az ad app permission add --id "$AUTOMATION" --api ${graph} --api-permissions ${readWriteOwnedBy}=Role`,
        'az ad app permission admin-consent --id "$AUTOMATION"',
      ],
      byHand:
        "Entra Gate automation > API permissions > Microsoft Graph > Application permissions > Application.ReadWrite.OwnedBy; then Grant admin consent.",
    },
    {
      title: "Consent for everybody to what sign-in asks for",
      why: "So that nobody is asked at the first visit; needed where assignment is required.",
      role: "Cloud Application Administrator",
      shell: [`az ad app permission grant --id "$GATE" --api ${graph} --scope "openid profile User.Read"`],
      byHand:
        "Entra Gate > API permissions > Microsoft Graph > Delegated: openid, profile, User.Read; then Grant admin consent.",
    },
  ];
}

const cloudflareStep: SetupStep = {
  title: "Make a Cloudflare API token",
  why: "It deploys, and reaches every Pages project and D1 database of the account: it stays in one GitHub environment.",
  role: "Cloudflare Super Administrator",
  shell: ["read -rs CLOUDFLARE_API_TOKEN  # paste it; it is shown nowhere"],
  byHand:
    "Manage Account > Account API tokens > Create: Account · Cloudflare Pages · Edit and Account · D1 · Edit, for this account only.",
};

function githubSteps(names: SetupNames): SetupStep[] {
  const { repository, environment, defaultBranch } = names;
  const at = `repos/${repository}/environments/${environment}`;
  const variables: Readonly<Record<string, string>> = {
    ENTRA_TENANT_ID: '"$(az account show --query tenantId --output tsv)"',
    ENTRA_AUTOMATION_CLIENT_ID: '"$AUTOMATION"',
    ENTRA_GATE_CLIENT_ID: '"$GATE"',
    CLOUDFLARE_PROJECT: shellWord(names.project),
    SIGN_IN_HOST_PROJECT: shellWord(names.signInHostProject),
    CLOUDFLARE_ACCOUNT_ID: shellWord(names.accountId),
  };
  const to = `--env ${shellWord(environment)} --repo ${shellWord(repository)}`;
  return [
    {
      title: `Make the GitHub environment “${environment}”, for the default branch only`,
      why: "Only jobs of the default branch's workflow get the identity and the token; a pull request's never do.",
      role: "GitHub repository administrator",
      shell: [
        `gh api --method PUT ${shellWord(at)} --field 'deployment_branch_policy[protected_branches]=false' --field 'deployment_branch_policy[custom_branch_policies]=true'`,
        `gh api --method POST ${shellWord(`${at}/deployment-branch-policies`)} --raw-field ${shellWord(`name=${defaultBranch}`)}`,
      ],
      byHand: `Settings > Environments > New: “${environment}”; Deployment branches: Selected branches, ${defaultBranch} only.`,
    },
    {
      title: "Give it its variables and the one secret",
      why: "Ids are no secrets; the token is, and nothing else is stored.",
      role: "GitHub repository administrator",
      shell: [
        ...Object.entries(variables).map(([name, value]) => `gh variable set ${name} ${to} --body ${value}`),
        `printf %s "$CLOUDFLARE_API_TOKEN" | gh secret set CLOUDFLARE_API_TOKEN ${to}`,
      ],
      byHand: `Variables ${Object.keys(variables).join(", ")}; secret CLOUDFLARE_API_TOKEN.`,
    },
  ];
}

/** One word for a POSIX shell, whatever it holds. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
