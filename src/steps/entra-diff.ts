import { createHash } from "node:crypto";
import type { Application, ApplicationPatch, AppRole, OptionalClaim } from "../clients/graph-model.ts";
import { ActionError } from "../errors.ts";
import { becomes } from "./differences.ts";

/** What the gate application must have; what else it has is left as it is. */
export interface WantedApplication {
  /** Values of app roles that the policy names. */
  readonly roles: readonly string[];
  /** The sign-in host's callback. */
  readonly redirectUri: string;
}

/**
 * Claims of the ID token that the sign-in host reads and that Entra sends only if asked.
 * Source: learn.microsoft.com, "Optional claims reference".
 */
export const wantedClaims = ["acct", "acrs", "auth_time", "login_hint", "sid"] as const;

/** The one claim of access tokens that the gate needs: without it nothing tells an application from a person. */
export const wantedAccessClaims = ["idtyp"] as const;

/** Source: learn.microsoft.com, "Redirect URI restrictions", work or school accounts. */
const mostRedirectUris = 256;

/**
 * What a PATCH must say so that the application has all that is wanted; undefined where it has. Everything that is
 * there stays: PATCH replaces whole arrays, so each is what was read plus what is missing.
 * @param application as the last read showed it, which decides what is missing
 * @param known as all reads together showed it: what one replica has not heard of must not be written away
 * @throws ActionError redirect-uris-full
 */
export function applicationPatch(
  application: Application,
  wanted: WantedApplication,
  known: Application = application,
): ApplicationPatch | undefined {
  const optional = application.optionalClaims;
  const claimsMissing =
    missingClaims(optional?.idToken, wantedClaims).length +
    missingClaims(optional?.accessToken, wantedAccessClaims).length;
  const all = known.optionalClaims;
  const uris = known.web.redirectUris;
  const uriMissing = !application.web.redirectUris.includes(wanted.redirectUri);
  const isNew = !uris.includes(wanted.redirectUri);
  if (uriMissing && isNew && uris.length >= mostRedirectUris)
    throw new ActionError("redirect-uris-full", `Wanted: ${wanted.redirectUri}`);
  const patch: ApplicationPatch = {
    ...(missingRoles(application, wanted.roles).length === 0
      ? {}
      : { appRoles: [...known.appRoles.map(writable), ...missingRoles(known, wanted.roles)] }),
    ...(claimsMissing === 0
      ? {}
      : {
          optionalClaims: {
            idToken: [...(all?.idToken ?? []), ...missingClaims(all?.idToken, wantedClaims)],
            accessToken: [
              ...(all?.accessToken ?? []),
              ...missingClaims(all?.accessToken, wantedAccessClaims),
            ],
            saml2Token: all?.saml2Token ?? [],
          },
        }),
    ...(sendsGroups(application) ? {} : { groupMembershipClaims: "SecurityGroup" }),
    ...(uriMissing ? { web: { redirectUris: isNew ? [...uris, wanted.redirectUri] : uris } } : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Whether a read shows what was not known before it was written: then somebody else has written, too. */
export function hasMore({ appRoles, web }: Application, known: Application): boolean {
  return (
    appRoles.some(({ id }) => known.appRoles.every((role) => role.id !== id)) ||
    web.redirectUris.some((uri) => !known.web.redirectUris.includes(uri))
  );
}

/** Graph answers with `origin` and refuses it in a PATCH. Source: Graph v1.0, appRole resource type. */
function writable({ origin: _, ...role }: AppRole): AppRole {
  return role;
}

/** What was, as a read showed it, and what is, for the log. Nothing is ever taken away: of a list, what is new is named. */
export function describePatch(patch: ApplicationPatch, before: Application): string[] {
  const claims = (kind: "idToken" | "accessToken", of: string): string[] =>
    growth(
      `optional claims of ${of}`,
      namesOf(before.optionalClaims?.[kind]),
      namesOf(patch.optionalClaims?.[kind]),
    );
  const roles = (of: readonly AppRole[] = []): string[] => of.map(({ value }) => value ?? "");
  return [
    ...growth("app roles", roles(before.appRoles), roles(patch.appRoles)),
    ...claims("idToken", "ID tokens"),
    ...claims("accessToken", "access tokens"),
    ...(patch.groupMembershipClaims === undefined
      ? []
      : [becomes("groupMembershipClaims", before.groupMembershipClaims, patch.groupMembershipClaims)]),
    ...growth("redirect URIs", before.web.redirectUris, patch.web?.redirectUris ?? []),
  ];
}

function growth(name: string, before: readonly string[], after: readonly string[]): string[] {
  const fresh = after.filter((one) => !before.includes(one));
  return fresh.length === 0
    ? []
    : [`${name}: ${before.length} → ${before.length + fresh.length}, new: ${fresh.join(", ")}`];
}

function namesOf(claims: readonly OptionalClaim[] | null | undefined): string[] {
  return (claims ?? []).map(({ name }) => name);
}

/** Roles that the policy names and that are there, but that somebody switched off: nobody can have them. */
export function disabledRoles(application: Application, roles: readonly string[]): string[] {
  return application.appRoles
    .filter((role) => !role.isEnabled && role.value != null && roles.includes(role.value))
    .map((role) => role.value ?? "");
}

/**
 * Two reads of one application, the second one newer: everything that either had. A read can come from a replica that
 * is behind; what another run just added must not be written away with it.
 */
export function mergeReads(older: Application | undefined, newer: Application): Application {
  if (older === undefined) return newer;
  const union = <T>(a: readonly T[], b: readonly T[], key: (item: T) => string): T[] => {
    const known = new Set(b.map(key));
    return [...b, ...a.filter((item) => !known.has(key(item)))];
  };
  const name = (claim: OptionalClaim): string => claim.name;
  const claims = newer.optionalClaims;
  return {
    ...newer,
    appRoles: union(older.appRoles, newer.appRoles, (role) => role.id),
    optionalClaims: {
      idToken: union(older.optionalClaims?.idToken ?? [], claims?.idToken ?? [], name),
      accessToken: union(older.optionalClaims?.accessToken ?? [], claims?.accessToken ?? [], name),
      saml2Token: union(older.optionalClaims?.saml2Token ?? [], claims?.saml2Token ?? [], name),
    },
    web: { redirectUris: union(older.web.redirectUris, newer.web.redirectUris, (uri) => uri) },
  };
}

function missingRoles(application: Application, wanted: readonly string[]): AppRole[] {
  const there = new Set(application.appRoles.map((role) => role.value));
  return wanted
    .filter((value) => !there.has(value))
    .map((value) => ({
      id: roleId(application.appId, value),
      value,
      displayName: value,
      description: `${value}: named by the policy of a site behind Entra Gate.`,
      isEnabled: true,
      allowedMemberTypes: ["User", "Application"],
    }));
}

/** The same id from every run and repository, so that two that add a role at once add the same one (RFC 9562, version 8). */
function roleId(appId: string, value: string): string {
  const hex = createHash("sha256").update(`entra-gate app role\0${appId}\0${value}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function missingClaims(
  present: readonly OptionalClaim[] | null | undefined,
  wanted: readonly string[],
): OptionalClaim[] {
  const there = new Set((present ?? []).map(({ name }) => name));
  return wanted
    .filter((name) => !there.has(name))
    .map((name) => ({ name, source: null, essential: false, additionalProperties: [] }));
}

/** `ApplicationGroup` is a narrower choice that somebody made: groups that are assigned do come then. */
export function sendsGroups(application: Pick<Application, "groupMembershipClaims">): boolean {
  const kinds = (application.groupMembershipClaims ?? "").split(",").map((kind) => kind.trim());
  return kinds.some((kind) => kind === "SecurityGroup" || kind === "All" || kind === "ApplicationGroup");
}
