import { bytesOf, ticketRoom } from "./cookie-room.ts";
import { covers } from "./rule-path-form.ts";
import type { Policy } from "./schema.ts";

type Named = string | { readonly groups?: readonly string[]; readonly roles?: readonly string[] } | undefined;

/**
 * Places of what no single value shows, as meaning.ts has it: names that nobody defined, two names for one group, an
 * `allow` that lets nobody in, rules that are never reached, demands that stand beside what they can't apply to.
 *
 * @param policy one whose values are right
 */
export function contradictions({ groups, roles, audit, tests, ...environments }: Policy): string[] {
  const wrong: string[] = [];
  const note = (is: boolean, place: string): void => {
    if (is) wrong.push(place);
  };
  const unknown = (who: Named): boolean =>
    typeof who === "object" &&
    ((who.groups ?? []).some((name) => !Object.hasOwn(groups, name)) ||
      (who.roles ?? []).some((name) => !roles.includes(name)));

  const allows: Readonly<Record<string, unknown>>[] = [];
  note(new Set(Object.values(groups)).size < Object.keys(groups).length, "groups");
  for (const name of ["preview", "production"] as const) {
    const section = environments[name];
    const { rules } = typeof section === "object" ? section : { rules: [] };
    rules.forEach(({ path, allow, signedInWithin, authContext, cors }, index) => {
      const place = `${name}.rules[${index}]`;
      const more = signedInWithin !== undefined || authContext !== undefined || cors !== undefined;
      note(allow === "anyone" && more, place);
      if (typeof allow === "object") allows.push(allow);
      note(unknown(allow) || isNobody(allow), `${place}.allow`);
      note(
        rules.slice(0, index).some((earlier) => covers(earlier.path.toLowerCase(), path.toLowerCase())),
        `${place}.path`,
      );
    });
  }
  note(bytesOf(allows) > ticketRoom, "");
  note(unknown(audit?.viewers) || isNobody(audit?.viewers), "audit.viewers");
  tests.forEach(({ as }, index) => {
    const both = typeof as === "object" && as.app !== undefined && as.scopes !== undefined;
    note(unknown(as) || both, `tests[${index}].as`);
  });
  return wrong;
}

function isNobody(who: Named): boolean {
  return typeof who === "object" && Object.values(who).every((list) => list.length === 0);
}
