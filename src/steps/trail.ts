import { randomUUID } from "node:crypto";
import { type EntityManagement, entityManagementEvent } from "../../contract/audit/events.ts";
import type { AuditContext, AuditEvent } from "../../contract/audit/model.ts";
import { insertNewEvents } from "../../contract/audit/queries.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import { version } from "../version.ts";

/** One thing that the action changed outside. Nothing in it is a secret. */
export type Change = Pick<EntityManagement, "activity" | "entity" | "comment" | "origins" | "expires"> & {
  /** Name of the site's project that it is about; left out for what belongs to the sign-in host and all its sites. */
  readonly project?: string;
  /** What is known of the deployment that it is about. */
  readonly about?: Pick<AuditContext, "environment" | "bundle" | "commit" | "pullRequest">;
  /** Why it did not come about as wanted: a code of contract/errors/action.ts. */
  readonly failure?: string;
};

/** What the action changed, as audit events: in order, for the evidence file and for the sign-in host's database. */
export interface Trail {
  readonly events: readonly AuditEvent[];
  add(change: Change): void;
  /** From now on it is known which database the events belong into. */
  belongsInto(databaseId: string): void;
  /**
   * Writes what was added since the last time; nothing where no database is known.
   * @throws ActionError cloudflare-*, service-*
   */
  write(cloudflare: Pick<CloudflareClient, "query">): Promise<void>;
}

/** D1 takes two million bytes in one parameter (Cloudflare, D1 limits); an event has about one thousand. */
const atOnce = 500;

const pastTense = { create: "created", update: "updated", delete: "deleted" } as const;

/**
 * @param actor client id of the automation, workflow run, repository and who set it off
 * @param now milliseconds since 1970
 */
export function createTrail(actor: EntityManagement["actor"], now: () => number): Trail {
  const events: AuditEvent[] = [];
  let database: string | undefined;
  let written = 0;
  return {
    events,
    add({ project, about, failure, ...change }) {
      const { activity } = change;
      const done = activity in pastTense ? pastTense[activity as keyof typeof pastTense] : activity;
      events.push(
        entityManagementEvent({
          ...change,
          actor,
          context: { role: "action", version, project, ...about },
          time: now(),
          uid: randomUUID(),
          success: failure === undefined,
          code: failure ?? done,
        }),
      );
    },
    belongsInto(databaseId) {
      database = databaseId;
    },
    async write(cloudflare) {
      while (database !== undefined && written < events.length) {
        const some = events.slice(written, written + atOnce);
        await cloudflare.query(database, insertNewEvents, [JSON.stringify(some)]);
        written += some.length;
      }
    },
  };
}
