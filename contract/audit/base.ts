import type { AuditEvent, AuditOccurrence, AuditRequest, AuditVisitor } from "./model.ts";

/** Release of the OCSF schema that the events are written in. */
export const ocsfVersion = "1.8.0";

/** Parts that an event class adds; members that are `undefined` vanish in JSON. */
type Members = Readonly<Record<string, unknown>>;

/** How an event ended. `code` is a reason of a decision or a code of contract/errors. */
export interface Outcome {
  readonly success: boolean;
  readonly code: string;
  /** Something that a person may want to look at: OCSF severity Low rather than Informational. */
  readonly noteworthy: boolean;
}

/**
 * The attributes that all classes have.
 *
 * @param classUid OCSF class, whose first digits are its category
 * @param activity number and caption of the class's activity
 * @see ocsf/ocsf-schema, events/base_event.json and objects/metadata.json
 */
export function baseEvent(
  occurrence: AuditOccurrence,
  classUid: number,
  activity: readonly [id: number, name: string],
  outcome: Outcome,
  members: Members & { readonly profiles?: readonly string[]; readonly unmapped?: Members },
): AuditEvent {
  const { context, time, uid, reference } = occurrence;
  const { profiles, unmapped, ...rest } = members;
  return {
    metadata: {
      version: ocsfVersion,
      uid,
      product: {
        name: "Entra Gate",
        vendor_name: "Entra Gate",
        version: context.version,
        feature: { name: context.role },
      },
      profiles,
    },
    time,
    category_uid: Math.floor(classUid / 1000),
    class_uid: classUid,
    activity_id: activity[0],
    activity_name: activity[1],
    type_uid: classUid * 100 + activity[0],
    severity_id: outcome.noteworthy ? 2 : 1,
    severity: outcome.noteworthy ? "Low" : "Informational",
    status_id: outcome.success ? 1 : 2,
    status: outcome.success ? "Success" : "Failure",
    status_code: outcome.code,
    ...rest,
    unmapped: {
      project: context.project,
      environment: context.environment,
      bundle: context.bundle,
      commit: context.commit,
      pull_request: context.pullRequest,
      reference,
      ...unmapped,
    },
  };
}

const userTypes = {
  user: [1, "User"],
  guest: [1, "User"],
  app: [4, "Service"],
  unknown: [0, "Unknown"],
} as const;

/** OCSF `user`: who it is by object id and tenant; the name is for reading only. */
export function userOf(visitor: AuditVisitor): Members {
  const [type_id, type] = userTypes[visitor.kind];
  return {
    uid: visitor.oid,
    uid_alt: visitor.app,
    name: visitor.name,
    type_id,
    type,
    org: { uid: visitor.tid },
  };
}

const webActivities = new Map<string, readonly [id: number, name: string]>([
  ["GET", [2, "Read"]],
  ["HEAD", [2, "Read"]],
  ["OPTIONS", [2, "Read"]],
  ["POST", [1, "Create"]],
  ["PUT", [3, "Update"]],
  ["PATCH", [3, "Update"]],
  ["DELETE", [4, "Delete"]],
]);

/** What a method does, as class 6001 counts it; undefined for a method that OCSF has no value for. */
export function activityOf(method: string): readonly [id: number, name: string] | undefined {
  return webActivities.get(method);
}

/** OCSF `http_request` with the ray id as its uid, and an address that can hold no secret. */
export function httpRequestOf(request: AuditRequest): Members {
  const { url } = request;
  return {
    uid: request.ray,
    http_method: activityOf(request.method) && request.method,
    url: {
      scheme: url.protocol.slice(0, -1),
      hostname: url.hostname,
      path: url.pathname,
      url_string: addressOf(url),
    },
  };
}

/** Origin and path: a query can hold a code, a fragment a token. */
export function addressOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
