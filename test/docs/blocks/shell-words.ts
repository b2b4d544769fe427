/** One program that a line of shell starts, by its words. */
export type Words = readonly string[];

interface State {
  readonly commands: string[][];
  words: string[];
  word: string | undefined;
}

/**
 * Splits what a page tells people to type into programs and their words: quotes, comments, lists, pipes, redirections. What a
 * program is handed by `$(…)` is one word.
 */
export function commandsOf(script: string): Words[] {
  const state: State = { commands: [], words: [], word: undefined };
  const text = script.replace(/\\\n/g, " ");
  // In this order: comment, quoted, substitution, redirection with its file, separator, blanks, anything else.
  const token =
    /(?<=^|\s)#[^\n]*|'([^']*)'|"((?:\\.|[^"\\])*)"|\$\([^)]*\)|\d?[<>]+ *[^\s;|&]+|(&&|\|\||[;|\n&])|([ \t]+)|\\?([^\s'"$;|&<>]+|\$)/g;
  for (const [all, single, double, separator, blank, plain] of text.matchAll(token)) {
    if (separator !== undefined) endCommand(state);
    else if (blank !== undefined) endWord(state);
    else if (single !== undefined || double !== undefined || plain !== undefined)
      state.word = (state.word ?? "") + (single ?? double ?? plain ?? "");
    else if (all.startsWith("$(")) state.word = `${state.word ?? ""}$()`;
  }
  endCommand(state);
  return state.commands;
}

function endWord(state: State): void {
  if (state.word !== undefined) state.words.push(state.word);
  state.word = undefined;
}

function endCommand(state: State): void {
  endWord(state);
  if (state.words.length > 0) state.commands.push(state.words);
  state.words = [];
}
