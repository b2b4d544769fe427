import type { Environment, Visitor } from "../policy/model.ts";

/** What is the same for all events of one deployment, or of one run of the action. */
export interface AuditContext {
  /** Which part recorded it. */
  readonly role: "site" | "host" | "action";
  /** Version of that part. */
  readonly version: string;
  /** Name of the Pages project. */
  readonly project?: string | undefined;
  readonly environment?: Environment | undefined;
  /** The bundle's 128 random bits in hex. */
  readonly bundle?: string | undefined;
  readonly commit?: string | undefined;
  readonly pullRequest?: number | undefined;
}

/** The part of a request that is recorded: never its query, headers or body. */
export interface AuditRequest {
  readonly method: string;
  /** `request.url` or its parsed form; query, fragment and user info are left out of the event. */
  readonly url: URL;
  /** Value of `cf-ray`. */
  readonly ray?: string | undefined;
}

/** Whom an event is about. */
export type AuditVisitor = Pick<Visitor, "kind" | "tid" | "oid" | "name" | "app">;

/** What every event is made from. */
export interface AuditOccurrence {
  readonly context: AuditContext;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Unique id of this event. */
  readonly uid: string;
  /** The reference that the visitor was shown, where there was one. */
  readonly reference?: string | undefined;
}

/** One OCSF event: plain JSON data, one line of a log. */
export interface AuditEvent {
  readonly metadata: { readonly version: string; readonly uid: string; readonly [name: string]: unknown };
  readonly time: number;
  readonly category_uid: number;
  readonly class_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  readonly status_id: number;
  readonly [name: string]: unknown;
}
