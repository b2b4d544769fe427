import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gateJsonSchema } from "../../contract/policy/json-schema.ts";

/** Writes `gate.schema.json`, what editors check a policy with, from the schema that the gate itself uses. */
export function buildSchema(out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "gate.schema.json"), `${JSON.stringify(gateJsonSchema(), null, 2)}\n`);
}
