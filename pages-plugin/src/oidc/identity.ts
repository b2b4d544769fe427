import type { VisitorKind } from "../../../contract/policy/model.ts";
import { GateFault } from "../http/fault.ts";
import type { IdTokenClaims } from "./id-token.ts";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Longest name that is kept, in UTF-16 units; it is for showing only. */
const longestName = 100;
const longestLoginHint = 400;

/**
 * What a token says about groups. `absent` and `overage` are never "in no group": in both cases nobody knows.
 */
export type GroupsState = "known" | "absent" | "overage";

/** Who signed in, as the ID token says; not yet reduced to what sites name. */
export interface Identity {
  readonly kind: Exclude<VisitorKind, "app">;
  readonly tid: string;
  readonly oid: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly groupsState: GroupsState;
  readonly roles: readonly string[];
  /** `auth_time` in seconds since 1970, where that optional claim was there. */
  readonly authTime?: number;
  readonly loginHint?: string;
  /** Authentication contexts that this sign-in met. */
  readonly acrs: readonly string[];
}

/**
 * Reads the claims that decisions may rest on. E-mail, upn and preferred_username are not among them: whoever
 * administers another tenant can set them to anything (nOAuth).
 *
 * Source: learn.microsoft.com, "ID token claims reference" and "Optional claims reference".
 *
 * @throws GateFault `id-token-claims` where the visitor can't be told apart, `visitor-is-app`
 */
export function identityOf(claims: IdTokenClaims): Identity {
  if (claims["idtyp"] === "app") throw new GateFault("visitor-is-app");
  const { tid, oid, name, login_hint: hint } = claims;
  if (typeof oid !== "string" || !guid.test(oid)) throw new GateFault("id-token-claims", "oid");
  if (typeof tid !== "string" || !guid.test(tid)) throw new GateFault("id-token-claims", "tid");
  const authTime = authTimeOf(claims);
  const loginHint =
    typeof hint === "string" && /^[\x21-\x7e]+$/.test(hint) && hint.length <= longestLoginHint;
  return {
    kind: kindOf(claims["acct"]),
    tid: tid.toLowerCase(),
    oid: oid.toLowerCase(),
    name: nameOf(name),
    ...groupsOf(claims),
    roles: strings(claims["roles"]),
    acrs: strings(claims["acrs"]).filter((context) => /^c[1-9]\d?$/.test(context)),
    ...(authTime === undefined ? {} : { authTime }),
    ...(loginHint ? { loginHint: hint } : {}),
  };
}

/** `acct`: 0 is a member of the tenant, 1 a guest. Anything else says nothing. */
function kindOf(acct: unknown): Identity["kind"] {
  if (acct === 0 || acct === "0") return "user";
  if (acct === 1 || acct === "1") return "guest";
  return "unknown";
}

function authTimeOf(claims: IdTokenClaims): number | undefined {
  const value = claims["auth_time"];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value <= 0 || value > claims.iat + 600) {
    throw new GateFault("id-token-claims", "auth_time");
  }
  return value;
}

/** Control and direction-changing characters could make a name read as something else on pages and in logs. */
export function nameOf(name: unknown): string {
  if (typeof name !== "string") return "";
  return [...name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "").trim()].slice(0, longestName).join("");
}

function groupsOf(claims: IdTokenClaims): Pick<Identity, "groups" | "groupsState"> {
  const { groups } = claims;
  if (Array.isArray(groups)) {
    const ids = strings(groups).filter((id) => guid.test(id));
    return { groups: [...new Set(ids.map((id) => id.toLowerCase()))], groupsState: "known" };
  }
  return { groups: [], groupsState: isOverage(claims) ? "overage" : "absent" };
}

/** Source: "Groups overage claim". The address in `_claim_sources` is not used: it can name a retired API. */
function isOverage(claims: IdTokenClaims): boolean {
  const names = claims["_claim_names"];
  const elsewhere = typeof names === "object" && names !== null && "groups" in names;
  const { hasgroups } = claims;
  return elsewhere || claims["_claim_sources"] !== undefined || hasgroups === true || hasgroups === "true";
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
