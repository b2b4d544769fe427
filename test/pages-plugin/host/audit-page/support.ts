import { authenticationEvent, entityManagementEvent } from "../../../../contract/audit/events.ts";
import type { AuditEvent } from "../../../../contract/audit/model.ts";
import { insertEvent, type Query } from "../../../../contract/audit/queries.ts";
import type { MemoryD1 } from "../../../../local/audit-page/d1.ts";

export const now = Date.UTC(2026, 10, 25, 12);
export const hour = 3_600_000;
export const day = 24 * hour;
export const tenant = "11111111-1111-4111-8111-111111111111";
export const personOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

let serial = 0;

export interface Occasion {
  readonly time?: number;
  readonly project?: string | undefined;
  readonly person?: number | undefined;
  readonly name?: string;
  readonly pull?: number;
  readonly origin?: string;
  readonly activity?: "sign-in" | "ticket" | "sign-out";
  readonly refused?: string;
  readonly reference?: string;
}

export function occasion(some: Occasion = {}): AuditEvent {
  const { time = now - hour, pull, activity = "ticket", refused, reference } = some;
  const project = "project" in some ? some.project : "demo";
  const person = "person" in some ? some.person : 1;
  serial += 1;
  return authenticationEvent({
    context: { role: "host", version: "1.0.0", project, environment: "preview", pullRequest: pull },
    time,
    uid: `u${serial}`,
    activity,
    success: refused === undefined,
    code: refused ?? "admitted",
    service:
      some.origin ?? `https://${pull === undefined ? "abc" : `pr-${pull}`}.${project ?? "x"}.pages.dev`,
    visitor:
      person === undefined
        ? undefined
        : { kind: "user", tid: tenant, oid: personOf(person), name: some.name ?? `Person ${person}` },
    ...(reference === undefined ? {} : { reference }),
  });
}

export function deployed(some: {
  readonly time: number;
  readonly pull: number;
  readonly commit: string;
  readonly hash: string;
  readonly project?: string;
}): AuditEvent {
  const { time, pull, commit, hash, project = "demo" } = some;
  serial += 1;
  const url = `https://${hash}.${project}.pages.dev`;
  return entityManagementEvent({
    context: { role: "action", version: "1.0.0", project, environment: "preview", pullRequest: pull, commit },
    time,
    uid: `u${serial}`,
    activity: "create",
    success: true,
    code: "created",
    entity: { type: "deployment", uid: hash, name: url },
    comment: "behind the gate",
    origins: [url, `https://pr-${pull}.${project}.pages.dev`],
    actor: { app: tenant, login: "octocat", run: "https://github.com/acme/demo/actions/runs/1" },
  });
}

export function add(database: MemoryD1, events: Iterable<AuditEvent>): void {
  const statement = database.sqlite.prepare(insertEvent);
  database.sqlite.exec("BEGIN");
  for (const event of events) statement.run(JSON.stringify(event));
  database.sqlite.exec("COMMIT");
}

export const rowsOf = (database: MemoryD1, { sql, values }: Query) =>
  database.sqlite.prepare(sql).all(...values);
