import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { policySchema } from "./schema.ts";

/**
 * gate.schema.json, made from the one schema: what editors check and complete gate.json with.
 * What JSON Schema can't say (names that must exist, rules that are never reached) is `parsePolicy`'s.
 */
export function gateJsonSchema(): JsonSchema {
  return {
    ...toJsonSchema(policySchema, { typeMode: "input", errorMode: "ignore" }),
    title: "Entra Gate policy",
    description: "Who may see what of a Cloudflare Pages site, per environment.",
  };
}
