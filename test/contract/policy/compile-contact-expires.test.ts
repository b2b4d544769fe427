import { expect, test } from "vitest";
import { expiryOf } from "../../../contract/config/site.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";

async function compiled(environment: "preview" | "production", more: object) {
  const result = parsePolicy({
    preview: { rules: [], expires: "14d" },
    production: { rules: [{ path: "/*", allow: "members" }] },
    ...more,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return compilePolicy(result.policy, environment);
}

test("expires is the preview's alone, counted from the deployment in whole seconds", async () => {
  const preview = await compiled("preview", {});
  expect(preview.expires).toBe(14 * 86_400);
  expect(expiryOf(preview, 1_700_000_000_999)).toEqual({ expires: 1_700_000_000 + 14 * 86_400 });
  const production = await compiled("production", {});
  expect(production).not.toHaveProperty("expires");
  expect(expiryOf(production, 1)).toEqual({});
});

test("the contact reaches site and entry; without one neither has the key", async () => {
  const contact = "the web team, #web";
  const policy = await compiled("production", { contact });
  expect([policy.contact, entryOf(policy).contact]).toEqual([contact, contact]);
  expect(entryOf(await compiled("production", {}))).not.toHaveProperty("contact");
});
