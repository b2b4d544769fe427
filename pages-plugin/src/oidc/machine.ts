import type { Visitor } from "../../../contract/policy/model.ts";
import { GateFault } from "../http/fault.ts";
import { nameOf } from "./identity.ts";

/** Whose tokens are taken, and for whom they must have been issued. */
export interface ExpectedAccessToken {
  /** GUID, lower case: exactly `tid`. */
  readonly tenantId: string;
  /** The gate application's client id. */
  readonly clientId: string;
  /** `iss` of version 2.0. */
  readonly issuer: string;
  /** `iss` of version 1.0. */
  readonly issuerV1: string;
}

/** Who is behind a verified access token. */
export interface MachineClaims {
  readonly visitor: Visitor;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expires: number;
}

const nothing: readonly string[] = Object.freeze([]);
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads who a token stands for: an application by itself (`idtyp` app, no `scp`), or one on behalf of a person (`scp`).
 * Whatever says neither or both is refused. Of the first only roles are kept, of the second only scopes: a rule that
 * admits people by group or role admits no program that acts for them.
 *
 * Source: learn.microsoft.com, "Access token claims reference", "Optional claims reference" (idtyp).
 *
 * @throws GateFault bearer-id-token, bearer-kind-unknown, bearer-claims
 */
export function readMachine(claims: Readonly<Record<string, unknown>>): MachineClaims {
  const { ver, azp, appid, nonce, tid, oid, idtyp, scp, name, acct, roles, auth_time, iat, exp } = claims;
  const app = ver === "2.0" ? azp : appid;
  // Only access tokens name their client; only ID tokens carry a nonce.
  if (app === undefined || nonce !== undefined) throw new GateFault("bearer-id-token");
  if (!isGuid(app)) throw new GateFault("bearer-claims", "azp or appid");
  if (!isGuid(oid)) throw new GateFault("bearer-claims", "oid");
  const scopes = typeof scp === "string" ? scp.split(" ").filter(Boolean) : [];
  const alone = idtyp === "app" && scp === undefined;
  if (!alone && (scopes.length === 0 || (idtyp !== undefined && idtyp !== "user")))
    throw new GateFault("bearer-kind-unknown");
  const client = app.toLowerCase();
  const common = { tid: String(tid), oid: oid.toLowerCase(), app: client, groups: nothing };
  const visitor: Visitor = alone
    ? { ...common, kind: "app", name: client, roles: texts(roles) }
    : {
        ...common,
        kind: acct === 0 ? "user" : acct === 1 ? "guest" : "unknown",
        name: nameOf(name),
        roles: nothing,
        scopes: Object.freeze(scopes),
        authTime: Number.isFinite(auth_time) ? (auth_time as number) : 0,
      };
  // The code behind a site is handed this very object, and later decisions rest on it.
  return { visitor: Object.freeze(visitor), issuedAt: iat as number, expires: exp as number };
}

function isGuid(value: unknown): value is string {
  return typeof value === "string" && guid.test(value);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? Object.freeze(value.filter((item) => typeof item === "string")) : nothing;
}
