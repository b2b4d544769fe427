import type { Decision } from "../policy/model.ts";
import { activityOf, addressOf, baseEvent, httpRequestOf, userOf } from "./base.ts";
import type { AuditEvent, AuditOccurrence, AuditRequest, AuditVisitor } from "./model.ts";

/** A sign-in (or its refusal), a ticket handed to a site, a sign-out. */
export interface Authentication extends AuditOccurrence {
  readonly activity: "sign-in" | "ticket" | "sign-out";
  readonly success: boolean;
  /** Why: a code of contract/errors for a failure, else a short word such as "signed-in". */
  readonly code: string;
  /** Absent where nobody could be identified. */
  readonly visitor?: AuditVisitor | undefined;
  /** Origin of the site that it is for, or the sign-in host's own. */
  readonly service: string;
  readonly request?: AuditRequest | undefined;
  /** Digest of the policy whose entry was applied. */
  readonly policyDigest?: string | undefined;
  /** Id of the ticket (`jti`) and its end, in seconds since 1970. Never the ticket. */
  readonly session?: { readonly uid: string; readonly expires: number } | undefined;
}

const authenticationActivities = {
  "sign-in": [1, "Logon"],
  "sign-out": [2, "Logoff"],
  ticket: [99, "Ticket"],
} as const;

/**
 * OCSF class 3002, Authentication. OCSF's ticket activities are Kerberos', so a ticket is activity 99.
 *
 * @see ocsf/ocsf-schema, events/iam/authentication.json
 */
export function authenticationEvent(input: Authentication): AuditEvent {
  const { visitor, request, session, policyDigest } = input;
  const outcome = { success: input.success, code: input.code, noteworthy: !input.success };
  return baseEvent(input, 3002, authenticationActivities[input.activity], outcome, {
    user: visitor === undefined ? { name: "unknown", type_id: 0, type: "Unknown" } : userOf(visitor),
    service: { name: input.service },
    auth_protocol_id: 4,
    auth_protocol: "OpenID",
    is_remote: true,
    http_request: request && httpRequestOf(request),
    session: session && { uid: session.uid, expiration_time: session.expires * 1000, is_remote: true },
    unmapped: { visitor_kind: visitor?.kind, policy_digest: policyDigest },
  });
}

/** One request to a gated site and what was decided about it. */
export interface WebResourceAccess extends AuditOccurrence {
  readonly request: AuditRequest;
  /** The policy's decision, or the code of the refusal that came before any rule was asked. */
  readonly decision: Decision | { readonly allowed: false; readonly reason: string; readonly rule?: string };
  readonly visitor?: AuditVisitor | undefined;
  readonly policyDigest: string;
  /** HTTP status of the answer, where it is known. */
  readonly status?: number;
}

const letIn = { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" };
const refused = { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
/** Report mode: what the rules would have denied passed. `status_code` is why they would have. */
const letThrough = { action_id: 3, action: "Observed", disposition_id: 17, disposition: "Logged" };

/**
 * OCSF class 6001, Web Resources Activity, with the profiles security_control (what the gate did, by which rule of
 * which policy) and host (which brings `actor` to this class).
 *
 * @see ocsf/ocsf-schema, events/application/web_resources_activity.json, profiles/security_control.json
 */
export function webResourceEvent(input: WebResourceAccess): AuditEvent {
  const { request, decision, visitor, status } = input;
  const { allowed, rule, reason } = decision;
  const reported = decision.reason === "report" && "denied" in decision;
  const code = reported ? decision.denied : reason;
  const denied = reported || !allowed;
  const outcome = { success: allowed, code, noteworthy: denied && code !== "sign-in" && status !== 401 };
  const done = reported ? letThrough : allowed ? letIn : refused;
  return baseEvent(input, 6001, activityOf(request.method) ?? [99, request.method], outcome, {
    profiles: ["security_control", "host"],
    actor: visitor && { user: userOf(visitor) },
    web_resources: [{ name: request.url.pathname, url_string: addressOf(request.url) }],
    http_request: httpRequestOf(request),
    http_response: status === undefined ? undefined : { code: status },
    ...done,
    is_alert: false,
    policy: { uid: input.policyDigest, name: input.context.environment, is_applied: !reported },
    firewall_rule: rule === undefined ? undefined : { uid: rule },
    unmapped: { visitor_kind: visitor?.kind },
  });
}

/** Something that the action made, changed or deleted at Entra, Cloudflare or GitHub. */
export interface EntityManagement extends AuditOccurrence {
  /** `read` of a `site`: it was checked from outside, and the comment says what was found. */
  readonly activity: "create" | "read" | "update" | "delete" | "enable" | "disable";
  readonly success: boolean;
  readonly code: string;
  /** What was managed; its id and name, never a secret. */
  readonly entity: { readonly type: EntityType; readonly uid: string; readonly name?: string };
  readonly actor: ChangeActor;
  /** What changed, in a few words. */
  readonly comment?: string;
  /** Where a deployment answers. */
  readonly origins?: readonly string[];
  /** End of a credential, in milliseconds since 1970. */
  readonly expires?: number;
}

export type EntityType =
  | "application"
  | "service principal"
  | "credential"
  | "Pages project"
  | "database"
  | "site"
  | "deployment";

/** Who did it: a workflow run, and whoever set it off. */
export interface ChangeActor {
  /** Client id of the automation. */
  readonly app: string;
  /** Address of the workflow run. */
  readonly run?: string;
  /** `owner/name` */
  readonly repository?: string;
  /** Login at GitHub. */
  readonly login?: string;
}

const entityActivities = {
  create: [1, "Create"],
  read: [2, "Read"],
  update: [3, "Update"],
  delete: [4, "Delete"],
  enable: [8, "Enable"],
  disable: [9, "Disable"],
} as const;

/**
 * OCSF class 3004, Entity Management. OCSF has no type for applications or deployments: `type_id` 99 with its name.
 * GitHub's login is a user's name and no id: ids are Entra's.
 *
 * @see ocsf/ocsf-schema, events/iam/entity_management.json, objects/managed_entity.json
 */
export function entityManagementEvent(input: EntityManagement): AuditEvent {
  const { entity, actor, origins, expires } = input;
  const { login } = actor;
  const outcome = { success: input.success, code: input.code, noteworthy: !input.success };
  return baseEvent(input, 3004, entityActivities[input.activity], outcome, {
    actor: {
      app_uid: actor.app,
      app_name: "Entra Gate action",
      user: login && { name: login, domain: "github.com", type_id: 99, type: "GitHub" },
    },
    entity: { type_id: 99, type: entity.type, uid: entity.uid, name: entity.name },
    comment: input.comment,
    unmapped: { repository: actor.repository, run: actor.run, origins, expires },
  });
}

/** Somebody looked at the audit page of the sign-in host, or was refused there. */
export interface AuditView extends AuditOccurrence {
  readonly activity: "read" | "export";
  readonly request: AuditRequest;
  readonly success: boolean;
  readonly code: string;
  readonly visitor?: AuditVisitor | undefined;
  /** Which part was looked at, and in which form; never what was searched for, which may name somebody. */
  readonly view: string;
}

/**
 * OCSF class 6001 again, with the profile host for `actor`: audit events are a web resource, too.
 *
 * @see ocsf/ocsf-schema, events/application/web_resources_activity.json
 */
export function auditViewEvent(input: AuditView): AuditEvent {
  const { request, visitor, success, code, view } = input;
  const activity = input.activity === "export" ? ([7, "Export"] as const) : ([2, "Read"] as const);
  return baseEvent(
    input,
    6001,
    activity,
    { success, code, noteworthy: !success },
    {
      profiles: ["host"],
      actor: visitor && { user: userOf(visitor) },
      web_resources: [{ name: request.url.pathname, url_string: addressOf(request.url) }],
      http_request: httpRequestOf(request),
      unmapped: { visitor_kind: visitor?.kind, view },
    },
  );
}
