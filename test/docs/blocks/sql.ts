import { DatabaseSync } from "node:sqlite";
import { databaseSchema } from "../../../contract/sites/row.ts";
import { type Block, placeholder } from "./block.ts";

/** Runs the statements on a database as the sign-in host's is. */
export function sqlProblems({ text }: Block): readonly string[] {
  const database = new DatabaseSync(":memory:");
  try {
    for (const statement of databaseSchema) database.exec(statement);
    database.exec(text.replace(placeholder, "x"));
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    database.close();
  }
}
