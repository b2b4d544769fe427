import type { InspectedApplication } from "../clients/graph-inspect.ts";
import type { Finding } from "../findings.ts";
import { sendsGroups, wantedAccessClaims, wantedClaims } from "../steps/entra-diff.ts";
import { type FindingCode, found } from "./codes.ts";
import type { Known } from "./known.ts";

const portal = (appId: string, blade: string): string =>
  `Entra admin centre → App registrations → ${appId} → ${blade}`;

/** It was deleted, or the id is another tenant's. */
export function missingApplication(subject: string): Finding {
  return found("application-missing", {
    subject,
    text: "The gate application does not exist in the tenant, or Graph does not show it.",
    remedy:
      "Entra admin centre → App registrations → Deleted applications: restore it within 30 days; else correct gate-client-id.",
  });
}

/** How the gate application is registered: who may sign in to it, and by which ways. */
export function registration(application: InspectedApplication): Finding[] {
  const { appId, web, isFallbackPublicClient, signInAudience, api } = application;
  const here = (code: FindingCode, text: string, remedy: string) =>
    found(code, { subject: appId, text, remedy });
  const implicit = web.implicitGrantSettings;
  const version = api?.requestedAccessTokenVersion;
  return [
    ...(signInAudience == null || signInAudience === "AzureADMyOrg"
      ? []
      : [
          here(
            "application-not-single-tenant",
            `The application is open to other tenants (${signInAudience}).`,
            `az ad app update --id ${appId} --sign-in-audience AzureADMyOrg`,
          ),
        ]),
    ...(isFallbackPublicClient === true
      ? [
          here(
            "application-public-client",
            "Public client flows are on: anybody can ask for tokens in the application's name without its credential.",
            `az ad app update --id ${appId} --is-fallback-public-client false`,
          ),
        ]
      : []),
    ...(implicit?.enableIdTokenIssuance === true || implicit?.enableAccessTokenIssuance === true
      ? [
          here(
            "implicit-grant",
            "Implicit grant is on: Entra hands out tokens in addresses. The gate uses codes only.",
            `az ad app update --id ${appId} --enable-id-token-issuance false --enable-access-token-issuance false`,
          ),
        ]
      : []),
    // Tokens of both versions are taken; null is version 1.
    ...(version == null || version === 1 || version === 2
      ? []
      : [
          here(
            "token-version-odd",
            `Access tokens of version ${version} are not known to the gate.`,
            portal(appId, "Manifest → requestedAccessTokenVersion: 2"),
          ),
        ]),
  ];
}

/** Roles of the application against those that some site names. */
export function roles({ appId, appRoles }: InspectedApplication, known: Known): Finding[] {
  const there = new Set(appRoles.map(({ value }) => value));
  const blade = portal(appId, "App roles");
  return [
    ...appRoles
      .filter(({ value }) => value != null && known.complete && !known.roles.has(value))
      .map(({ value }) =>
        found("role-unused", {
          subject: `${appId} ${value}`,
          text: `No site names the app role ${value}; who has it has it for nothing.`,
          remedy: `${blade}: disable it, then delete it.`,
        }),
      ),
    ...appRoles
      .filter(({ value, isEnabled }) => value != null && !isEnabled && known.roles.has(value))
      .map(({ value }) =>
        found("role-disabled", {
          subject: `${appId} ${value}`,
          text: `The app role ${value}, which a site names, is switched off: nobody has it.`,
          remedy: `${blade}: enable it.`,
        }),
      ),
    ...[...known.roles]
      .filter((value) => !there.has(value))
      .map((value) =>
        found("role-missing", {
          subject: `${appId} ${value}`,
          text: `A site names the app role ${value}, and the application has none: nobody can have it.`,
          remedy: "Run the gate workflow for the default branch of the repository that owns the host.",
        }),
      ),
  ];
}

/** Values of a groups claim's `additionalProperties` that change what stands in it, or where. */
const rewriting =
  /^(emit_as_roles|sam_account_name|dns_domain_and_sam_account_name|netbios_|cloud_displayname)/;

/** What the tokens say: the claims that the host reads, and groups as object ids. */
export function claims(application: InspectedApplication, known: Known): Finding[] {
  const { appId, optionalClaims, groupMembershipClaims } = application;
  const blade = portal(appId, "Token configuration");
  const missing = [
    ...lacking(optionalClaims?.idToken, wantedClaims),
    ...lacking(optionalClaims?.accessToken, wantedAccessClaims),
  ];
  const rewritten = [...(optionalClaims?.idToken ?? []), ...(optionalClaims?.accessToken ?? [])]
    .filter(({ name }) => name === "groups")
    .flatMap((claim) => claim["additionalProperties"] ?? [])
    .filter((property): property is string => typeof property === "string" && rewriting.test(property));
  const kinds = (groupMembershipClaims ?? "").split(",").map((kind) => kind.trim());
  const wide = kinds.filter((kind) => kind === "All" || kind === "DirectoryRole");
  const here = (code: FindingCode, text: string, remedy: string) =>
    found(code, { subject: appId, text, remedy });
  return [
    ...missing.map((name) =>
      here(
        "claim-missing",
        `The optional claim ${name}, which the sign-in host reads, is not asked for.`,
        "Run the gate workflow for the default branch of the repository that owns the host.",
      ),
    ),
    ...[...new Set(rewritten)].map((property) =>
      here(
        "claim-rewrites-groups",
        `The groups claim is changed by ${property}: a group's name stands for its id, or groups pass as roles.`,
        `${blade} → groups: choose Group ID for each token, and no "emit as role claims".`,
      ),
    ),
    ...(known.groups.size > 0 && !sendsGroups(application)
      ? [
          here(
            "group-claims-missing",
            "Sites name groups, and tokens carry none (groupMembershipClaims).",
            `az ad app update --id ${appId} --set groupMembershipClaims=SecurityGroup`,
          ),
        ]
      : []),
    ...wide.map((kind) =>
      here(
        "group-claims-wide",
        `Tokens carry more than groups (groupMembershipClaims ${kind}), of which the gate reads nothing.`,
        `az ad app update --id ${appId} --set groupMembershipClaims=SecurityGroup`,
      ),
    ),
  ];
}

function lacking(
  there: readonly { readonly name: string }[] | null | undefined,
  wanted: readonly string[],
): string[] {
  return wanted.filter((name) => !(there ?? []).some((claim) => claim.name === name));
}
