import type { AuditEvent } from "../../../contract/audit/model.ts";
import { insertEvent } from "../../../contract/audit/queries.ts";
import type { Environment } from "../../../contract/policy/model.ts";

/** Where a site's events go beside the console, told apart by what `GATE_AUDIT` can do. */
export interface Sink {
  readonly kind: "none" | "queue" | "analytics" | "d1" | "unfit";
  /** Hands over all events of one moment; throws or rejects where they were not taken. */
  send(events: readonly AuditEvent[]): unknown;
}

interface Statement {
  bind(value: string): Statement;
}

/** What the three kinds of bindings have that the others have not. */
interface Binding {
  /** Cloudflare Queues, producer. */
  sendBatch?(messages: readonly { readonly body: AuditEvent; readonly contentType: "json" }[]): unknown;
  /** Workers Analytics Engine. */
  writeDataPoint?(point: ReturnType<typeof dataPoint>): void;
  /** D1. */
  prepare?(sql: string): Statement;
  batch?(statements: readonly (Statement | undefined)[]): unknown;
}

/**
 * A D1 database can be read and emptied by whoever can write to it, and a preview's code is anybody's: in a preview it
 * is no sink.
 *
 * @param bound value of the binding, undefined where there is none
 * @see developers.cloudflare.com/queues, /analytics/analytics-engine, /d1 (Workers binding APIs)
 */
export function sinkOf(bound: unknown, environment: Environment): Sink {
  const binding = Object(bound) as Binding;
  if (bound === undefined) return { kind: "none", send() {} };
  if (binding.sendBatch) {
    return {
      kind: "queue",
      send: (events) => binding.sendBatch?.(events.map((body) => ({ body, contentType: "json" }))),
    };
  }
  if (binding.writeDataPoint) {
    return {
      kind: "analytics",
      send: (events) => events.map((event) => binding.writeDataPoint?.(dataPoint(event))),
    };
  }
  if (binding.prepare && environment === "production") {
    return {
      kind: "d1",
      send: (events) =>
        binding.batch?.(events.map((event) => binding.prepare?.(insertEvent).bind(JSON.stringify(event)))),
    };
  }
  return {
    kind: "unfit",
    send() {
      throw new TypeError();
    },
  };
}

/** The parts of both classes of events that are worth a column. */
interface Columns {
  readonly type_uid: number;
  readonly status_id: number;
  readonly status_code?: string;
  readonly user?: User;
  readonly actor?: { readonly user?: User };
  readonly firewall_rule?: { readonly uid: string };
  readonly http_request?: {
    readonly uid?: string;
    readonly http_method: string;
    readonly url: { readonly hostname: string; readonly path: string };
  };
  readonly http_response?: { readonly code: number };
  readonly metadata: { readonly uid: string };
  readonly unmapped: Readonly<Record<string, string | undefined>> & { readonly pull_request?: number };
}

interface User {
  readonly uid?: string;
  readonly org?: { readonly uid: string };
}

/** docs/audit.md names these columns; Analytics Engine counts them, so new ones go to the end. */
function dataPoint(event: AuditEvent) {
  const {
    metadata,
    type_uid,
    status_id,
    status_code,
    user,
    actor,
    firewall_rule,
    http_request,
    http_response,
    unmapped,
  } = event as unknown as Columns;
  const who = user ?? actor?.user;
  return {
    indexes: [unmapped["project"]],
    blobs: [
      metadata.uid,
      unmapped["environment"],
      status_code,
      firewall_rule?.uid,
      who?.org?.uid,
      who?.uid,
      http_request?.http_method,
      http_request?.url.hostname,
      // All blobs of a data point may have 16 KB together, which an address alone can have.
      http_request?.url.path.slice(0, 1024),
      unmapped["commit"],
      http_request?.uid,
      unmapped["reference"],
    ].map((text) => text ?? ""),
    doubles: [type_uid, status_id, http_response?.code ?? 0, unmapped.pull_request ?? 0],
  };
}
