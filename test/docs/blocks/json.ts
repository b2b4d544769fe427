import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { policySchema } from "../../../contract/policy/schema.ts";
import { runPolicyTests } from "../../../contract/policy/tests.ts";
import type { Block } from "./block.ts";

type Json = { readonly [key: string]: unknown };

const id = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";
const policyKeys = new Set(Object.keys(policySchema.entries));

/** A policy, or a part of one; else another file whose form somebody knows. */
export async function jsonProblems({ language, text }: Block): Promise<readonly string[]> {
  let value: unknown;
  try {
    value = JSON.parse(language === "jsonc" ? text.replace(/^\s*\/\/.*$/gm, "") : text);
  } catch (error) {
    return [(error as Error).message];
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return ["is no object"];
  const object = value as Json;
  const keys = Object.keys(object);
  if (keys.every((key) => policyKeys.has(key))) return policyProblems(object);
  if ("compatibility_date" in object || "pages_build_output_dir" in object || "assets" in object)
    return wranglerProblems(object);
  if (
    keys.every((key) =>
      ["name", "private", "type", "scripts", "dependencies", "devDependencies"].includes(key),
    )
  )
    return [];
  return [`is of no kind that this test knows: ${keys.join(", ")}`];
}

async function policyProblems(part: Json): Promise<readonly string[]> {
  const parsed = parsePolicy(completed(part));
  if (!parsed.ok)
    return parsed.problems.map(({ place, message, remedy }) => `${place}: ${message} ${remedy}`);
  const results = await runPolicyTests(parsed.policy);
  return results.filter(({ passed }) => !passed).map((result) => `its test fails: ${JSON.stringify(result)}`);
}

/** A part of a policy, with what it names and an environment, so that the whole is one. */
export function completed(part: Json): Json {
  const named = (key: "groups" | "roles") =>
    [...JSON.stringify(part).matchAll(new RegExp(`"${key}":(\\[[^\\]]*\\])`, "g"))].flatMap(
      ([, list = "[]"]) => JSON.parse(list) as string[],
    );
  return {
    ...("groups" in part ? {} : { groups: Object.fromEntries(named("groups").map((name) => [name, id])) }),
    ...("roles" in part ? {} : { roles: [...new Set(named("roles"))] }),
    ...("preview" in part || "production" in part
      ? {}
      : { preview: { rules: [{ path: "/*", allow: "members" }] } }),
    ...part,
  };
}

/** Read by wrangler itself. */
function wranglerProblems(object: Json): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "docs-wrangler-"));
  try {
    const config = join(folder, "wrangler.json");
    writeFileSync(config, JSON.stringify({ name: "site", compatibility_date: "2026-11-01", ...object }));
    const { rawConfig, ...read } = unstable_readConfig({ config }, { hideWarnings: true }) as unknown as Json;
    return Object.keys(object)
      .filter((key) => !(key in read))
      .map((key) => `wrangler does not know ${key}`);
  } catch (error) {
    return [(error as Error).message];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
