import { type Problem, problemAt, problemText } from "./problem.ts";

/**
 * Bytes that the groups, roles and scopes of one policy may take in a ticket. Somebody may have all of them: with the
 * rest of a ticket, its signature and base64 they have to fit into a cookie of 4 KB.
 */
export const ticketRoom = 2_000;

/** A GUID with quotes and comma. */
const bytesOfGroup = 39;

type Allows = readonly Readonly<Record<string, unknown>>[];

/** @param allows the `allow` of every rule, as raw JSON */
export function bytesOf(allows: Allows): number {
  const named = (key: string) =>
    new Set(allows.flatMap((allow) => (Array.isArray(allow[key]) ? (allow[key] as unknown[]) : [])));
  const texts = [...named("roles"), ...named("scopes")];
  return (
    named("groups").size * bytesOfGroup +
    texts.reduce<number>((sum, text) => sum + String(text).length + 3, 0)
  );
}

/** Whether a ticket has room for all that the rules of both environments name; the host's session has it then, too. */
export function roomProblems(allows: Allows): Problem[] {
  const bytes = bytesOf(allows);
  if (bytes <= ticketRoom) return [];
  return [
    problemAt(
      [],
      problemText(
        `names more groups, roles and scopes in its rules than fit into a cookie (${bytes} bytes of ${ticketRoom})`,
        "use a group that contains the others, fewer roles, or shorter role values",
      ),
    ),
  ];
}
