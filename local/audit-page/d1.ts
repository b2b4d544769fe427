import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { databaseSchema } from "../../contract/sites/row.ts";

/** D1's binding over an SQLite of one's own in memory, with the host's tables. */
export interface MemoryD1 {
  readonly sqlite: DatabaseSync;
  prepare(sql: string): Statement;
  batch(statements: readonly Statement[]): Promise<readonly Answer[]>;
  /** What EXPLAIN QUERY PLAN says of a statement, one line a step. */
  plan(sql: string, values: readonly (string | number)[]): string[];
}

interface Answer {
  readonly results: readonly unknown[];
}

interface Statement {
  bind(...values: readonly (string | number)[]): Statement;
  all(): Promise<Answer>;
}

export function createD1(): MemoryD1 {
  const sqlite = new DatabaseSync(":memory:");
  for (const statement of databaseSchema) sqlite.exec(statement);
  const prepare = (sql: string, values: SQLInputValue[] = []): Statement => ({
    bind: (...bound) => prepare(sql, [...bound]),
    all: async () => ({ results: sqlite.prepare(sql).all(...values) }),
  });
  return {
    sqlite,
    prepare,
    async batch(statements) {
      const answers: Answer[] = [];
      sqlite.exec("BEGIN");
      try {
        for (const statement of statements) answers.push(await statement.all());
        sqlite.exec("COMMIT");
      } catch (error) {
        sqlite.exec("ROLLBACK");
        throw error;
      }
      return answers;
    },
    plan: (sql, values) =>
      sqlite
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values)
        .map((row) => String(row["detail"])),
  };
}
