import { parsePolicy } from "../../../../contract/policy/parse.ts";
import { CommandFault } from "../fault.ts";
import type { Answers } from "./answers.ts";

const anyId = "00000000-0000-4000-8000-000000000000";

/**
 * gate.json to begin with: what anyone may see by its nature is open, all else is for the groups named, or for members
 * where none is.
 *
 * @param schema path of gate.schema.json from the policy's folder, for editors
 * @throws CommandFault policy-invalid where a group's name or id is none
 */
export function policyText(
  { groups, production }: Pick<Answers, "groups" | "production">,
  schema: string,
): string {
  const names = Object.keys(groups);
  const allow = names.length === 0 ? "members" : { groups: names };
  const rules = [
    { path: "/.well-known/*", allow: "anyone" },
    { path: "/*", allow },
  ];
  const policy = {
    $schema: schema,
    ...(names.every((name) => groups[name] === undefined) ? {} : { groups }),
    session: { lifetime: "8h", recheck: "1h" },
    preview: { expires: "30d", rules },
    production: production === "open" ? "open" : { rules },
    tests: [
      { in: "preview", as: "anyone", get: "/", expect: "deny" },
      {
        in: "preview",
        as: names.length === 0 ? "members" : { groups: [names[0]] },
        get: "/",
        expect: "allow",
      },
      { in: "preview", as: "guests", get: "/", expect: "deny" },
    ],
  };
  // What is still to be looked up must not hide other mistakes.
  const found = Object.fromEntries(names.map((name) => [name, groups[name] ?? anyId]));
  const parsed = parsePolicy(names.length === 0 ? policy : { ...policy, groups: found });
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ place, message, remedy }) => `  ${place} ${message}: ${remedy}`);
    throw new CommandFault("policy-invalid", ["gate.json would not be usable:", ...problems].join("\n"));
  }
  return `${JSON.stringify(policy, null, 2)}\n`;
}
