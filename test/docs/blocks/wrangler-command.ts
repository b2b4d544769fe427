import { experimental_getWranglerCommands } from "wrangler";
import type { Words } from "./shell-words.ts";

interface Definition {
  readonly args?: Readonly<Record<string, { readonly alias?: string | readonly string[] }>>;
  readonly positionalArgs?: readonly string[];
}

const { registry, globalFlags } = experimental_getWranglerCommands();

/** What wrangler's own table of commands says of these words. */
export function wranglerProblems(words: Words): readonly string[] {
  let branch = registry.subtree;
  let found: Definition | undefined;
  let rest = words;
  for (const word of words) {
    const next = branch.get(word);
    if (next === undefined) break;
    branch = next.subtree;
    rest = rest.slice(1);
    found = next.definition as Definition | undefined;
  }
  const name = words.slice(0, words.length - rest.length).join(" ");
  if (found === undefined || rest.length === words.length)
    return [`wrangler has no command ${words.join(" ")}`];
  const args = { ...globalFlags, ...found.args } as NonNullable<Definition["args"]>;
  const known = new Set(
    Object.entries(args).flatMap(([option, { alias }]) => [option, ...[alias ?? []].flat()]),
  );
  return rest
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/^--?/, "").split("=")[0] ?? "")
    .filter((option) => !known.has(option) && !known.has(option.replace(/^no-/, "")))
    .map((option) => `wrangler ${name} does not know --${option}`);
}
