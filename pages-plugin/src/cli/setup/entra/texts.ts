import type { SetupNames } from "../names.ts";
import { shellWord } from "../shell.ts";
import type { StepText } from "../step.ts";

/** Microsoft Graph's own client id, the same in every tenant. */
export const graphAppId = "00000003-0000-0000-c000-000000000000";
/** App role `Application.ReadWrite.OwnedBy` of Graph (learn.microsoft.com, "Microsoft Graph permissions reference"). */
export const readWriteOwnedBy = "18a4783c-866b-4cc7-a460-3d5e5662c884";
/** What a sign-in asks for. */
export const signInScopes = ["openid", "profile", "User.Read"] as const;
/** The same, by the ids that a registration names them by. */
export const signInScopeIds = [
  "37f7f235-527c-4136-accd-4a02d197296e",
  "14dad69e-099b-42c9-810b-d002981feec1",
  "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
] as const;

/** One that is there already is not registered again. */
export function registrationLines(variable: string, name: string, id: string | undefined): string[] {
  if (id !== undefined) return [`${variable}=${id}`];
  const closed =
    "--sign-in-audience AzureADMyOrg --enable-id-token-issuance false --enable-access-token-issuance false";
  return [
    `${variable}=$(az ad app create --display-name "${name}" ${closed} --query appId --output tsv)`,
    `az ad sp create --id "$${variable}"`,
  ];
}

export const gateText = ({ gateClientId }: SetupNames): StepText => ({
  id: "gate-application",
  service: "entra",
  title: "Register the gate application, which visitors sign in to",
  why: "Its redirect URI, roles, claims and credential are made by the action; nobody types them.",
  wont: "gives it no secret and no permission, and admits accounts of no other tenant",
  role: "Application Developer",
  shell: registrationLines("GATE", "Entra Gate", gateClientId),
  byHand:
    "App registrations > New registration: “Entra Gate”, this organisational directory only, no redirect URI.",
});

export const automationText = ({ automationClientId }: SetupNames): StepText => ({
  id: "automation-application",
  service: "entra",
  title: "Register the automation application, which the action acts as",
  why: "It gets no secret: GitHub's own token stands for it, from one environment of one repository.",
  wont: "lets nobody sign in to it",
  role: "Application Developer",
  shell: registrationLines("AUTOMATION", "Entra Gate automation", automationClientId),
  byHand:
    "App registrations > New registration: “Entra Gate automation”, this organisational directory only.",
});

export const issuer = "https://token.actions.githubusercontent.com";
export const audience = "api://AzureADTokenExchange";

/** GitHub is asked for the first part of the subject, unless a run has shown the whole: it may hold ids. */
export function trustingLines(
  { repository, environment, subject }: SetupNames,
  application: string,
): string[] {
  const ask = `gh api ${shellWord(`repos/${repository}/actions/oidc/customization/sub`)} --jq '.sub_claim_prefix // error("unknown")'`;
  const of = subject === undefined ? `"$(${ask}):environment:${environment}"` : shellWord(subject);
  const fields = `\\"name\\":\\"github-${environment}\\",\\"issuer\\":\\"${issuer}\\",\\"subject\\":\\"$SUBJECT\\",\\"audiences\\":[\\"${audience}\\"]`;
  return [
    `SUBJECT=${of}`,
    `az ad app federated-credential create --id "$${application}" --parameters "{${fields}}"`,
  ];
}

export function subjectText({ repository, environment, subject }: SetupNames): string {
  return (
    subject ??
    `repo:OWNER@ID/REPO@ID:environment:${environment} (\`gh api repos/${repository}/actions/oidc/customization/sub\` names the part before :environment as sub_claim_prefix)`
  );
}

export function federationText(names: SetupNames): StepText {
  return {
    id: "automation-federation",
    service: "entra",
    title: "Trust GitHub's tokens from that environment as the automation",
    why: "So the action has an identity and nobody has its password.",
    wont: "trusts no branch, no pull request and no other repository",
    role: "Application Developer",
    shell: trustingLines(names, "AUTOMATION"),
    byHand: `Entra Gate automation > Certificates & secrets > Federated credentials > Other issuer: issuer ${issuer}, subject ${subjectText(names)}, audience ${audience}.`,
  };
}

export const ownerText: StepText = {
  id: "automation-owner",
  service: "entra",
  title: "Make the automation an owner of the gate application and of its service principal",
  why: "With Application.ReadWrite.OwnedBy it can change what it owns and nothing else.",
  wont: "takes no owner away",
  role: "Application Developer",
  shell: [
    'OWNER=$(az ad sp show --id "$AUTOMATION" --query id --output tsv)',
    'az ad app owner add --id "$GATE" --owner-object-id "$OWNER"',
    `az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals(appId='$GATE')/owners/\\$ref" --body "{\\"@odata.id\\":\\"https://graph.microsoft.com/v1.0/directoryObjects/$OWNER\\"}"`,
  ],
  byHand:
    "An owner that is a service principal can't be chosen in the admin center: have the commands of `--print az` run.",
};

export const permissionText: StepText = {
  id: "automation-permission",
  service: "entra",
  title: "Let the automation write the applications that it owns",
  why: "The one permission that the action has in the tenant.",
  wont: "gives it no right over applications that it doesn't own, nor over people and groups",
  role: "Privileged Role Administrator",
  shell: [
    `az ad app permission add --id "$AUTOMATION" --api ${graphAppId} --api-permissions ${readWriteOwnedBy}=Role`,
    // Not `admin-consent`: that consents to what a replica has heard of, which may be nothing yet.
    'PRINCIPAL=$(az ad sp show --id "$AUTOMATION" --query id --output tsv)',
    `RESOURCE=$(az ad sp show --id ${graphAppId} --query id --output tsv)`,
    `az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals/$RESOURCE/appRoleAssignedTo" --body "{\\"principalId\\":\\"$PRINCIPAL\\",\\"resourceId\\":\\"$RESOURCE\\",\\"appRoleId\\":\\"${readWriteOwnedBy}\\"}"`,
  ],
  byHand:
    "Entra Gate automation > API permissions > Microsoft Graph > Application permissions > Application.ReadWrite.OwnedBy; then Grant admin consent.",
};

export const consentText: StepText = {
  id: "gate-consent",
  service: "entra",
  title: "Consent for everybody to what sign-in asks for",
  why: "So that nobody is asked at the first visit; needed where assignment is required.",
  wont: "consents to nothing but reading the name and the groups of whoever signs in",
  role: "Cloud Application Administrator",
  shell: [`az ad app permission grant --id "$GATE" --api ${graphAppId} --scope "${signInScopes.join(" ")}"`],
  byHand:
    "Entra Gate > API permissions > Microsoft Graph > Delegated: openid, profile, User.Read; then Grant admin consent.",
};

export function groupsText({ groups = [] }: SetupNames): StepText {
  return {
    id: "policy-groups",
    service: "entra",
    title: "Put the ids of the groups that the policy names into gate.json",
    why: "A group's name can be given to another one; its id can't.",
    wont: "changes no group and no rule, and commits nothing",
    role: "developer of the site",
    shell: groups.map(
      ({ is }) =>
        `az ad group list --filter ${shellWord(`displayName eq '${is.replaceAll("'", "''")}'`)} --query '[].id' --output tsv`,
    ),
    byHand: "Entra admin center > Groups > the group > Object ID, into `groups` of gate.json.",
  };
}
