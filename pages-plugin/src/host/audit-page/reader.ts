import type { Query } from "../../../../contract/audit/queries.ts";
import { GateFault } from "../../http/fault.ts";
import { inTime } from "../in-time.ts";
import type { Database } from "../site-directory.ts";

/** One row as the database gives it: columns are text, numbers or null. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Asks a database several things in one round trip.
 *
 * @returns the rows of each
 * @throws GateFault `audit-unavailable`
 */
export async function ask(
  database: Database,
  queries: readonly Query[],
): Promise<readonly (readonly Row[])[]> {
  try {
    const statements = queries.map(({ sql, values }) => database.prepare(sql).bind(...values));
    const answers = (await inTime(database.batch(statements))) as readonly {
      readonly results: readonly Row[];
    }[];
    return answers.map(({ results }) => results);
  } catch (cause) {
    throw new GateFault("audit-unavailable", cause instanceof Error ? cause.name : "", { cause });
  }
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const number = (value: unknown): number => (typeof value === "number" ? value : 0);
