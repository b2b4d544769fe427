import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { parsePolicyText } from "../../../../../contract/policy/parse.ts";
import { CommandFault } from "../../fault.ts";

const rules = v.fallback(
  v.object({
    rules: v.array(
      v.looseObject({ allow: v.fallback(v.object({ groups: v.array(v.string()) }), { groups: [] }) }),
    ),
  }),
  { rules: [] },
);
const shape = v.looseObject({
  groups: v.optional(v.record(v.string(), v.string()), {}),
  preview: v.optional(rules, { rules: [] }),
  production: v.optional(rules, { rules: [] }),
});

/** The groups of a policy that need not be whole yet: those with an id, and those that a rule names without one. */
export interface PolicyGroups {
  readonly ids: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
}

/**
 * @returns undefined where there is no such file
 * @throws CommandFault policy-invalid
 */
export function readGroups(file: string): PolicyGroups | undefined {
  if (!existsSync(file)) return undefined;
  const parsed = v.safeParse(shape, jsonOf(file));
  if (!parsed.success)
    throw new CommandFault("policy-invalid", `${file} is no policy: \`entra-gate test\` says what is wrong.`);
  const { groups, preview, production } = parsed.output;
  const named = [...preview.rules, ...production.rules].flatMap(({ allow }) => allow.groups);
  return { ids: groups, unknown: [...new Set(named)].filter((name) => groups[name] === undefined) };
}

/**
 * Puts ids into the policy's `groups` and leaves everything else as it stands, indentation included.
 * @throws CommandFault policy-invalid where it would not be usable then; nothing is written
 */
export function writeGroups(file: string, ids: Readonly<Record<string, string>>): void {
  const text = readFileSync(file, "utf8");
  const { $schema, groups, ...rest } = jsonOf(file) as Record<string, unknown>;
  const policy = {
    ...($schema === undefined ? {} : { $schema }),
    groups: { ...(groups as Record<string, string> | undefined), ...ids },
    ...rest,
  };
  const indentation = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  const next = `${JSON.stringify(policy, null, indentation)}\n`;
  const parsed = parsePolicyText(next);
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ place, message, remedy }) => `  ${place} ${message}: ${remedy}`);
    throw new CommandFault("policy-invalid", [`${file} would not be usable:`, ...problems].join("\n"));
  }
  const aside = `${file}.${process.pid}.new`;
  writeFileSync(aside, next);
  renameSync(aside, file);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new CommandFault("policy-invalid", `${file} can't be read, or is no JSON.`);
  }
}
