/**
 * A word of a command that somebody is to copy. Names of branches, environments and files are chosen by others, and a
 * command is run by whoever has more rights than they.
 */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
