import { canonical } from "../paths/reading.ts";
import type { CompiledPolicy, CompiledRule } from "../policy/model.ts";

/** A rewrite of the build's `_redirects` that the gate can't see through. */
export interface RewriteProblem {
  /** `_redirects:12` */
  readonly place: string;
  readonly message: string;
  readonly remedy: string;
}

interface Rewrite {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Finds 200-rewrites that would answer a path with the content of another path whose rule lets fewer people in. The
 * gate decides by the path that was asked for; `_redirects` applies after it, in the asset server. Where a pattern
 * may meet several rules all of them are compared, so a rewrite can be refused that no request would misuse.
 *
 * @param redirects text of `_redirects`
 * Source: developers.cloudflare.com/pages/configuration/redirects (placeholders, splats, "Proxying")
 */
export function rewriteProblems(redirects: string, policy: CompiledPolicy): RewriteProblem[] {
  if (policy.open || policy.report) return [];
  return rewritesIn(redirects).flatMap(({ line, from, to }) => {
    const targets = possibleRules(policy.rules, to);
    const pairs = possibleRules(policy.rules, from).flatMap((laxer) =>
      targets.map((stricter) => ({ laxer, stricter })),
    );
    const pair = pairs.find(({ laxer, stricter }) => admitsMore(laxer, stricter));
    if (pair === undefined) return [];
    return [
      {
        place: `_redirects:${line}`,
        message: `${from} answers with the content of ${to}: ${pair.laxer?.id ?? "no rule"} lets people in whom ${pair.stricter?.id ?? "no rule"} does not`,
        remedy: `Give ${from} a rule at least as strict as that of ${to}, or make it a redirect (301, 302).`,
      },
    ];
  });
}

function rewritesIn(text: string): Rewrite[] {
  return text.split("\n").flatMap((raw, index) => {
    const [from, to, status] = raw.trim().split(/\s+/);
    // The asset server reads the status as a number: 2e2 and 0xC8 are 200, too.
    if (from === undefined || to === undefined || from.startsWith("#") || Number(status) !== 200) return [];
    if (!to.startsWith("/")) return [];
    // The asset server drops this kind as an endless loop (pages-shared, parseRedirects).
    if (/\/\*?$/.test(from) && /\/index(\.html)?$/.test(to)) return [];
    return [{ line: index + 1, from: asGlob(from), to: asGlob(to) }];
  });
}

/**
 * Placeholders (`:name`) and splats become `*`; a source with a host keeps its path only, one without a slash gets it.
 * Dot segments are resolved and escapes decoded, as they are before a file is looked for.
 */
function asGlob(pattern: string): string {
  const path = pattern.replace(/^https?:\/\/[^/]*/, "").replace(/^(?!\/)/, "/");
  const { pathname } = new URL(path.replace(/^\/+/, "/"), "https://site.invalid");
  return decoded(pathname).replace(/:[A-Za-z]\w*/g, "*");
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** The rules that may decide for a path of this shape, in order; `undefined` stands for "no rule matched". */
function possibleRules(rules: readonly CompiledRule[], pattern: string): (CompiledRule | undefined)[] {
  const glob = pattern.includes("*") ? pattern.toLowerCase() : canonical(pattern).toLowerCase();
  const possible: (CompiledRule | undefined)[] = [];
  for (const rule of rules) {
    const path = rule.path.toLowerCase();
    const below = path.endsWith("/*");
    const base = below ? path.slice(0, -2) : path;
    if (!globsOverlap(base, glob) && !(below && globsOverlap(path, glob))) continue;
    possible.push(rule);
    // Every path of this shape is this rule's: no later one can decide.
    if (glob === base || (below && (glob.split("*")[0] ?? "").startsWith(`${base}/`))) return possible;
  }
  return [...possible, undefined];
}

/** True if some text matches both; `*` stands for any text. */
export function globsOverlap(a: string, b: string): boolean {
  const reached: boolean[] = new Array((a.length + 1) * (b.length + 1)).fill(false);
  const at = (i: number, j: number) => i * (b.length + 1) + j;
  for (let i = a.length; i >= 0; i -= 1) {
    for (let j = b.length; j >= 0; j -= 1) {
      const here = a[i];
      const there = b[j];
      if (here === undefined && there === undefined) reached[at(i, j)] = true;
      else if (here === "*")
        reached[at(i, j)] =
          reached[at(i + 1, j)] === true || (there !== undefined && reached[at(i, j + 1)] === true);
      else if (there === "*")
        reached[at(i, j)] =
          reached[at(i, j + 1)] === true || (here !== undefined && reached[at(i + 1, j)] === true);
      else reached[at(i, j)] = here !== undefined && here === there && reached[at(i + 1, j + 1)] === true;
    }
  }
  return reached[0] === true;
}

/** True if `laxer` lets in somebody whom `stricter` does not; an absent rule lets nobody in. */
function admitsMore(laxer: CompiledRule | undefined, stricter: CompiledRule | undefined): boolean {
  if (laxer === undefined || stricter?.allow.anyone === true) return false;
  const [more, less] = [laxer.allow, stricter?.allow];
  const within = (list: readonly string[], other: readonly string[] | undefined) =>
    list.every((id) => other?.includes(id) === true);
  return (
    more.anyone ||
    (more.members && less?.members !== true) ||
    (more.guests && less?.guests !== true) ||
    !within(more.groups, less?.groups) ||
    !within(more.roles, less?.roles) ||
    !within(more.apps, less?.apps) ||
    !within(more.scopes ?? [], less?.scopes) ||
    (laxer.signedInWithin ?? Number.POSITIVE_INFINITY) >
      (stricter?.signedInWithin ?? Number.POSITIVE_INFINITY) ||
    (stricter?.authContext !== undefined && laxer.authContext !== stricter.authContext)
  );
}
