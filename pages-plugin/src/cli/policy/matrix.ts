import { compilePolicy } from "../../../../contract/policy/compile.ts";
import { createDecider } from "../../../../contract/policy/decide.ts";
import type { CompiledPolicy, Environment, Visitor } from "../../../../contract/policy/model.ts";
import type { Policy, PolicyTest } from "../../../../contract/policy/schema.ts";
import { visitorOf } from "../../../../contract/policy/tests.ts";

/** Who sees what in one environment: a row for each rule, a column for each kind of visitor the policy speaks of. */
export interface Matrix {
  readonly environment: Environment;
  readonly visitors: readonly string[];
  readonly rows: readonly { readonly rule: string; readonly path: string; readonly cells: readonly Cell[] }[];
}

/** `again`: only after signing in once more, as the rule's step-up wants. */
export type Cell = "yes" | "again" | "no";

type Kind = readonly [string, PolicyTest["as"]];

/** Works out both environments by the very function that the gate decides with. */
export async function matricesOf(policy: Policy): Promise<Matrix[]> {
  const environments: readonly Environment[] = ["preview", "production"];
  return Promise.all(
    environments.map(async (environment) => matrixOf(await compilePolicy(policy, environment), policy)),
  );
}

function matrixOf(compiled: CompiledPolicy, policy: Policy): Matrix {
  const kinds = kindsOf(compiled);
  const rows = compiled.rules.map((rule) => {
    // The rule by itself: what an earlier one takes away stands in that one's row.
    const decide = createDecider({ ...compiled, report: false, rules: [rule] });
    const place = { ok: true, path: rule.path.replace(/\/\*$/, "") || "/", alternatives: [] } as const;
    const cells = kinds.map(([, as]): Cell => {
      const visitor = visitorOf(as, policy);
      if (!decide(place, visitor, 1).allowed) return "no";
      return visitor !== undefined && !decide(place, longAgo(visitor), 1e9).allowed ? "again" : "yes";
    });
    return { rule: rule.id, path: rule.path, cells };
  });
  return { environment: compiled.environment, visitors: kinds.map(([name]) => name), rows };
}

function longAgo(visitor: Visitor): Visitor {
  return { ...visitor, authTime: 0, acrs: [] };
}

function kindsOf({ rules, groupNames }: CompiledPolicy): Kind[] {
  const named = (pick: (allow: CompiledPolicy["rules"][number]["allow"]) => readonly string[]) =>
    [...new Set(rules.flatMap(({ allow }) => pick(allow)))].sort();
  const groups = named((allow) => allow.groups).map((id) => groupNames[id] ?? id);
  return [
    ["anyone", "anyone"],
    ["members", "members"],
    ["guests", "guests"],
    ...groups.map((name): Kind => [`group ${name}`, { groups: [name] }]),
    ...named((allow) => allow.roles).map((role): Kind => [`role ${role}`, { roles: [role] }]),
    ...named((allow) => allow.apps).map((app): Kind => [`app ${app.slice(0, 8)}…`, { app }]),
    ...named((allow) => allow.scopes ?? []).map((scope): Kind => [`scope ${scope}`, { scopes: [scope] }]),
  ];
}

/** The matrices as text, columns aligned. */
export function matrixText(matrices: readonly Matrix[], policy: Policy): string {
  return matrices.map((matrix) => oneText(matrix, policy)).join("\n\n");
}

function oneText({ environment, visitors, rows }: Matrix, policy: Policy): string {
  const section = policy[environment];
  if (section === "open") return `${environment}: open, not gated at all`;
  const only = section?.mode === "report" ? "; report mode: what they deny is only logged" : "";
  if (rows.length === 0) return `${environment}: no rules, nobody is let in${only}`;
  const lines = [["", ...visitors], ...rows.map(({ path, cells }) => [path, ...cells])];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return [
    `${environment}: the first rule that covers a path decides${only}`,
    ...lines.map((line) =>
      `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    ),
  ].join("\n");
}
