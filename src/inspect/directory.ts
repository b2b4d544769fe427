import type { Assignment, Grant, InspectedPrincipal, Owner } from "../clients/graph-inspect.ts";
import type { Finding } from "../findings.ts";
import { found } from "./codes.ts";
import { word } from "./shell.ts";

/** Application permissions of Microsoft Graph, by id. Source: learn.microsoft.com, "Microsoft Graph permissions reference". */
const ownedBy = "18a4783c-866b-4cc7-a460-3d5e5662c884";
const wider: Readonly<Record<string, string>> = {
  "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9": "Application.ReadWrite.All",
  "19dbc75e-c2e2-444c-a770-ec69d8559fc7": "Directory.ReadWrite.All",
  "06b708a9-e830-4db3-a914-8e69da51d44f": "AppRoleAssignment.ReadWrite.All",
  "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8": "RoleManagement.ReadWrite.Directory",
};
const graph = "https://graph.microsoft.com/v1.0";
const scopesWanted = ["openid", "profile", "User.Read"] as const;

/**
 * Owners may give the application another secret or redirect URI, so the automation is to be the only one.
 * @param kind which of the two objects it is about
 * @param automation object id of the automation's service principal
 */
export function owners(
  kind: "application" | "service principal",
  { appId, id }: { readonly appId: string; readonly id: string },
  found_: readonly Owner[],
  automation: string,
): Finding[] {
  const add =
    kind === "application"
      ? `az ad app owner add --id ${appId} --owner-object-id ${automation}`
      : `az rest --method post --url ${word(`${graph}/servicePrincipals/${id}/owners/$ref`)} --body ${word(JSON.stringify({ "@odata.id": `${graph}/servicePrincipals/${automation}` }))}`;
  const remove = (owner: string): string =>
    kind === "application"
      ? `az ad app owner remove --id ${appId} --owner-object-id ${owner}`
      : `az rest --method delete --url ${word(`${graph}/servicePrincipals/${id}/owners/${owner}/$ref`)}`;
  return [
    ...(found_.some((owner) => owner.id === automation)
      ? []
      : [
          found("owner-missing", {
            subject: `${appId} ${kind}`,
            text: `The automation's service principal is no owner of the gate's ${kind}, so it may not write it.`,
            remedy: `An owner of it, or a Cloud Application Administrator: ${add}`,
          }),
        ]),
    ...found_
      .filter((owner) => owner.id !== automation)
      .map((owner) =>
        found("owner-extra", {
          subject: `${appId} ${kind} ${owner.id}`,
          text: `${owner.displayName ?? owner.id} owns the gate's ${kind} too, and may give it another credential or redirect URI.`,
          remedy: `Unless that is meant: ${remove(owner.id)}`,
        }),
      ),
  ];
}

/** Assigned without a role, which has a meaning only where assignment is required. */
const defaultAccess = "00000000-0000-0000-0000-000000000000";

const requireAssignment = (id: string): string =>
  `az ad sp update --id ${id} --set appRoleAssignmentRequired=true`;

/** For whoever sets it up: it was never required. What a tenant has chosen is no fault, so that an audit doesn't say it. */
export function openToTenant({ appId, id, appRoleAssignmentRequired }: InspectedPrincipal): Finding[] {
  if (appRoleAssignmentRequired) return [];
  return [
    found("assignment-open", {
      subject: appId,
      text: "Assignment is not required: everybody of the tenant, guests too, can sign in at the host, and the policy alone decides.",
      remedy: `If that is not meant, a Cloud Application Administrator assigns groups (P1) or people, then ${requireAssignment(id)}`,
    }),
  ];
}

/** Whether people can sign in to the application at all, and who. @param assigned first of the assignments */
export function access(principal: InspectedPrincipal, assigned: readonly Assignment[]): Finding[] {
  const { appId, id } = principal;
  const people = assigned.filter(({ principalType }) => principalType !== "ServicePrincipal");
  const portal = `Entra admin centre → Enterprise applications → ${appId} → `;
  return [
    ...(principal.accountEnabled
      ? []
      : [
          found("principal-disabled", {
            subject: appId,
            text: "The enterprise application is switched off: nobody can sign in.",
            remedy: `az ad sp update --id ${id} --set accountEnabled=true`,
          }),
        ]),
    ...(principal.appRoleAssignmentRequired || !people.some(({ appRoleId }) => appRoleId === defaultAccess)
      ? []
      : [
          found("assignment-not-required", {
            subject: appId,
            text: "People or groups are assigned, but assignment is not required any more: everybody of the tenant, guests too, can sign in at the host, and the policy alone decides.",
            remedy: `A Cloud Application Administrator: ${requireAssignment(id)}`,
          }),
        ]),
    ...(principal.appRoleAssignmentRequired && people.length === 0
      ? [
          found("nobody-assigned", {
            subject: appId,
            text: "Assignment is required, and neither a person nor a group is assigned: nobody can sign in (AADSTS50105).",
            remedy: `A Cloud Application Administrator: ${portal}Users and groups: assign the groups (P1) or people.`,
          }),
        ]
      : []),
  ];
}

/** An administrator's consent, without which each person is asked, or none may. */
export function consent({ appId }: InspectedPrincipal, grants: readonly Grant[]): Finding[] {
  const given = new Set(
    grants
      .filter(({ consentType }) => consentType === "AllPrincipals")
      .flatMap(({ scope }) => scope.split(" ")),
  );
  const missing = scopesWanted.filter((scope) => !given.has(scope));
  if (missing.length === 0) return [];
  return [
    found("consent-missing", {
      subject: appId,
      text: `Nobody has consented for the tenant to ${missing.join(", ")}.`,
      remedy: `A Cloud Application Administrator: az ad app permission admin-consent --id ${appId}`,
    }),
  ];
}

/** @param automation client id @param assignments what its service principal has been given */
export function graphPermission(automation: string, assignments: readonly Assignment[]): Finding[] {
  const ids = new Set(assignments.map(({ appRoleId }) => appRoleId.toLowerCase()));
  const more = Object.entries(wider).filter(([id]) => ids.has(id));
  const portal = `Entra admin centre → App registrations → ${automation} → API permissions`;
  return [
    ...(ids.has(ownedBy) || more.length > 0
      ? []
      : [
          found("graph-permission-missing", {
            subject: automation,
            text: "The automation has not been given Microsoft Graph's application permission Application.ReadWrite.OwnedBy.",
            remedy: `A Privileged Role Administrator: az ad app permission add --id ${automation} --api 00000003-0000-0000-c000-000000000000 --api-permissions ${ownedBy}=Role; then az ad app permission admin-consent --id ${automation}`,
          }),
        ]),
    ...more.map(([, name]) =>
      found("graph-permission-wide", {
        subject: `${automation} ${name}`,
        text: `The automation has ${name}, which reaches every application of the tenant or more; OwnedBy is enough.`,
        remedy: `${portal}: add Application.ReadWrite.OwnedBy, remove ${name}, grant admin consent.`,
      }),
    ),
  ];
}
