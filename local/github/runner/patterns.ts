/**
 * True where a branch, tag or path passes a filter: patterns apply in order, `!` takes back.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function matchesAny(patterns: readonly string[], value: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    if (toRegExp(negative ? pattern.slice(1) : pattern).test(value)) matched = !negative;
  }
  return matched;
}

/** True where a path matches a glob as GitHub's actions write them: `?` is one character, dot files count. */
export function globMatches(pattern: string, path: string): boolean {
  return toRegExp(pattern, "[^/]").test(path);
}

function toRegExp(pattern: string, questionMark = "?"): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (pattern.startsWith("**/", index)) {
      source += "(?:.*/)?";
      index += 2;
    } else if (pattern.startsWith("**", index)) {
      source += ".*";
      index += 1;
    } else if (character === "*") source += "[^/]*";
    else if (character === "\\") {
      source += `\\${pattern.charAt(index + 1)}`;
      index += 1;
    } else if (character === "?") source += questionMark;
    else if ("+[]".includes(character)) source += character;
    else source += character.replace(/[.^$(){}|/]/, "\\$&");
  }
  return new RegExp(`^${source}$`);
}
