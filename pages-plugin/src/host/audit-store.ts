import { deletedAtOnce, deleteExpired } from "../../../contract/audit/database.ts";
import { insertEvent } from "../../../contract/audit/queries.ts";
import { createFailures } from "../audit/failures.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { inTime } from "./in-time.ts";
import type { Database } from "./site-directory.ts";

/** The host's own records, in its D1. */
export interface AuditStore {
  /** Events that this isolate could not write since it began. */
  readonly failed: number;
  /**
   * Writes the events of one request once it is answered, and takes away some of what is too old. Never throws.
   *
   * @param events each one event as JSON
   */
  write(events: readonly string[], waitUntil: WaitUntil): void;
}

const cleanEvery = 10 * 60_000;
/** Fewer than one run takes away, so that deleting keeps ahead of writing. */
const cleanAfter = deletedAtOnce / 5;

/**
 * @param database has the tables of contract/sites/row.ts; that it is full, slow or gone is counted and told once a
 *   minute, and no decision waits for it
 */
export function createAuditStore(database: Database, deps: Pick<Deps, "now" | "log">): AuditStore {
  const failures = createFailures(deps);
  let clean = 0;
  let written = 0;

  const insert = async (events: readonly string[]): Promise<void> => {
    try {
      const statement = database.prepare(insertEvent);
      await inTime(database.batch(events.map((event) => statement.bind(event))));
    } catch (error) {
      failures.add(events.length, error);
    }
  };

  // Also where writing failed: a full database gets room by it.
  const deleteSome = async (): Promise<void> => {
    if (deps.now() < clean && written < cleanAfter) return;
    clean = deps.now() + cleanEvery;
    written = 0;
    try {
      await inTime(database.prepare(deleteExpired).bind(deps.now()).all());
    } catch (error) {
      failures.add(0, error);
    }
  };

  const keep = async (events: readonly string[]): Promise<void> => {
    try {
      await insert(events);
      written += events.length;
      await deleteSome();
    } catch {
      // Only the log is left that can throw, and there is nowhere to say so.
    }
  };

  return {
    get failed() {
      return failures.count;
    },
    write(events, waitUntil) {
      if (events.length === 0) return;
      try {
        waitUntil(keep(events));
      } catch {
        // It is being written all the same; only its time was not granted.
      }
    },
  };
}
