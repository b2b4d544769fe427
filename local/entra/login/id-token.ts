import { createHash, randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import type { Directory } from "../directory/directory.ts";
import { groupsForToken, rolesOf } from "../directory/membership.ts";
import type { Application, User } from "../directory/model.ts";

/** Over this many, `groups` is left out of a JWT and a pointer to Graph stands in. */
const groupLimit = 200;

export interface SignIn {
  readonly application: Application;
  readonly user: User;
  readonly scopes: ReadonlySet<string>;
  /** Seconds since 1970. */
  readonly authTime: number;
  readonly sessionId: string;
  readonly nonce: string | undefined;
  /** Authentication context that the request's `claims` asked for, e.g. `c1`. */
  readonly authContext: string | undefined;
}

/**
 * The claims of a v2.0 ID token.
 * Source: learn.microsoft.com, "ID token claims reference", "Optional claims reference", "Configure group claims".
 * @param now seconds since 1970
 */
export function idTokenClaims(directory: Directory, issuer: string, signIn: SignIn, now: number): JWTPayload {
  const { application, user, scopes, nonce } = signIn;
  const roles = rolesOf(directory, user, application.appId);
  return {
    aud: application.appId,
    iss: issuer,
    iat: now,
    nbf: now,
    exp: now + 3900,
    ...(nonce === undefined ? {} : { nonce }),
    ...(scopes.has("profile")
      ? { name: user.name, oid: user.oid, preferred_username: user.upn, tid: directory.tenantId }
      : {}),
    ...(scopes.has("email") && user.kind === "member" ? { email: user.upn } : {}),
    rh: `1.${randomBytes(24).toString("base64url")}.`,
    ...(roles.length > 0 ? { roles } : {}),
    ...groupClaims(directory, user, application.appId),
    ...optionalClaims(signIn),
    sub: pairwiseSubject(directory.tenantId, user.oid, application.appId),
    uti: randomBytes(16).toString("base64url"),
    ver: "2.0",
  };
}

/** `sub` differs per application, so that two of them can't compare their visitors (OpenID Connect Core 8.1). */
export function pairwiseSubject(tenantId: string, oid: string, appId: string): string {
  return createHash("sha256").update(`${tenantId} ${oid} ${appId}`).digest("base64url");
}

/** ID tokens as no honest provider issues them, for those who must refuse them. */
export interface Misissue {
  /** Changes the claims before they are signed. */
  claims: ((claims: JWTPayload) => JWTPayload) | undefined;
  /** Signs with a key that isn't published. */
  foreignKey: boolean;
}

/** What the `login_hint` claim carries: opaque, but accepted back as the `login_hint` parameter. */
export function opaqueLoginHint(oid: string): string {
  return `O.${Buffer.from(oid).toString("base64url")}`;
}

/** The groups that the application asks for, or a pointer to Graph where they are too many. */
export function groupClaims(directory: Directory, user: User, appId: string): JWTPayload {
  const groups = groupsForToken(directory, user, appId);
  // A claim without a value isn't sent: somebody in no group has no `groups` claim at all, which is not to be told
  // from an application that doesn't ask for groups (learn.microsoft.com/answers/questions/1004014).
  if (groups === undefined || groups.length === 0) return {};
  if (groups.length <= groupLimit) return { groups };
  return {
    _claim_names: { groups: "src1" },
    _claim_sources: {
      src1: {
        endpoint: `https://graph.windows.net/${directory.tenantId}/users/${user.oid}/getMemberObjects`,
      },
    },
  };
}

function optionalClaims({ application, user, authTime, sessionId, authContext }: SignIn): JWTPayload {
  const available: Record<string, unknown> = {
    acct: user.kind === "guest" ? 1 : 0,
    acrs: authContext === undefined ? undefined : [authContext],
    auth_time: authTime,
    email: user.upn,
    login_hint: opaqueLoginHint(user.oid),
    sid: sessionId,
    upn: user.upn,
  };
  const wanted = application.optionalClaims?.idToken.map(({ name }) => name) ?? [];
  return Object.fromEntries(
    wanted.flatMap((name) => (available[name] === undefined ? [] : [[name, available[name]]])),
  );
}
