import type * as v from "valibot";

export type Variables = Readonly<Record<string, string | undefined>>;

/** As `core.getInput`, from an environment that is handed in. */
export function givenFor(env: Variables, name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
}

/** One line for each issue: the input, what is wrong with it, and what to give. */
export function mistakesOf(
  issues: readonly v.BaseIssue<unknown>[],
  byName: Readonly<Record<string, string>>,
): string[] {
  const first = new Map<string, string>();
  for (const { path, message } of issues) {
    const name = String(path?.[0]?.key);
    if (!first.has(name)) first.set(name, `${name}: ${message} ${byName[name]}.`);
  }
  return [...first.values()];
}
