/**
 * The compatibility date to start a worker with on this machine. A project that was made today has today's date, which
 * no workerd that was pinned earlier knows.
 *
 * @param wanted the project's, `yyyy-mm-dd`
 * @param newest what the `workerd` package at hand says of itself
 */
export function startableDate(wanted: string, newest: string): string {
  return wanted < newest ? wanted : newest;
}
