import { roomProblems } from "./cookie-room.ts";
import { reservedNames } from "./patterns.ts";
import { nearest, type Problem, problemAt, problemText } from "./problem.ts";
import { rulePathProblem } from "./rule-path.ts";
import { covers } from "./rule-path-form.ts";

type Path = readonly (string | number)[];

/**
 * What a schema can't see: names that nobody defined, two names for one group, rules that are never reached, and
 * an `allow` that lets nobody in. Looks at the raw JSON, so that these are told together with mistakes of shape.
 */
export function meaningProblems(json: unknown): Problem[] {
  const policy = objectOf(json);
  const groups = Object.keys(objectOf(policy["groups"]));
  const roles = listOf(policy["roles"]).filter((role) => typeof role === "string");

  const named = (who: unknown, path: Path): Problem[] => [
    ...unknownNames(objectOf(who)["groups"], groups, "group", [...path, "groups"]),
    ...unknownNames(objectOf(who)["roles"], roles, "role", [...path, "roles"]),
  ];

  const problems = [...reservedGroupNames(groups), ...twiceNamed(objectOf(policy["groups"]))];
  const allows: Record<string, unknown>[] = [];
  for (const environment of ["preview", "production"]) {
    const rules = listOf(objectOf(policy[environment])["rules"]);
    rules.forEach((rule, index) => {
      const place = [environment, "rules", index];
      const { allow, signedInWithin, authContext, cors } = objectOf(rule);
      allows.push(objectOf(allow));
      if (allow === "anyone" && cors !== undefined)
        problems.push(
          problemAt(
            [...place, "cors"],
            problemText(
              "stands beside allow: anyone, where the site itself answers other origins",
              "remove it, or say who is let in",
            ),
          ),
        );
      if (allow === "anyone" && (signedInWithin !== undefined || authContext !== undefined))
        problems.push(
          problemAt(
            [...place, signedInWithin === undefined ? "authContext" : "signedInWithin"],
            problemText(
              "stands beside allow: anyone, for whom nobody signs in",
              "remove it, or say who is let in",
            ),
          ),
        );
      problems.push(...named(allow, [...place, "allow"]), ...admitsNobody(allow, [...place, "allow"]));
    });
    problems.push(...neverReached(rules, environment));
  }
  problems.push(...roomProblems(allows));
  const { viewers } = objectOf(policy["audit"]);
  const ofViewers = ["audit", "viewers"];
  problems.push(...named(viewers, ofViewers), ...admitsNobody(viewers, ofViewers, "group or role"));
  listOf(policy["tests"]).forEach((test, index) => {
    const { as } = objectOf(test);
    problems.push(...named(as, ["tests", index, "as"]));
    const { app, scopes } = objectOf(as);
    if (app !== undefined && scopes !== undefined)
      problems.push(
        problemAt(
          ["tests", index, "as", "scopes"],
          problemText("stands beside app: an application that asks for itself has no scopes", "remove one"),
        ),
      );
  });
  return problems;
}

function reservedGroupNames(names: readonly string[]): Problem[] {
  return names
    .filter((name) => reservedNames.includes(name))
    .map((name) =>
      problemAt(["groups", name], problemText("is no usable group name", "choose another name")),
    );
}

function twiceNamed(groups: Record<string, unknown>): Problem[] {
  const names = new Map<string, string>();
  return Object.entries(groups).flatMap(([name, id]) => {
    if (typeof id !== "string") return [];
    const first = names.get(id.toLowerCase());
    names.set(id.toLowerCase(), first ?? name);
    if (first === undefined) return [];
    return [
      problemAt(["groups", name], problemText(`is the same group as "${first}"`, "keep one of the names")),
    ];
  });
}

function unknownNames(list: unknown, known: readonly string[], what: string, path: Path): Problem[] {
  return listOf(list).flatMap((name, index) => {
    if (typeof name !== "string" || known.includes(name)) return [];
    const near = nearest(name, known);
    const remedy =
      near === undefined ? `add it to "${what}s", or name one of those` : `did you mean "${near}"?`;
    return [
      problemAt([...path, index], problemText(`names the unknown ${what} ${JSON.stringify(name)}`, remedy)),
    ];
  });
}

function admitsNobody(allow: unknown, path: Path, what = "group, role, app or scope"): Problem[] {
  if (typeof allow !== "object" || allow === null || Array.isArray(allow)) return [];
  if (Object.values(allow).some((list) => !Array.isArray(list) || list.length > 0)) return [];
  return [problemAt(path, problemText("lets nobody in", `name at least one ${what}`))];
}

/** Rules that one earlier rule covers whole; case is ignored, since the functions router ignores it. */
function neverReached(rules: readonly unknown[], environment: string): Problem[] {
  const paths = rules.map((rule) => objectOf(rule)["path"]);
  return paths.flatMap((path, index) => {
    if (typeof path !== "string" || rulePathProblem(path) !== undefined) return [];
    const earlier = paths.findIndex(
      (other) => typeof other === "string" && covers(other.toLowerCase(), path.toLowerCase()),
    );
    if (earlier >= index || earlier < 0) return [];
    const text = problemText(
      `is never reached: rule ${environment}.rules[${earlier}] (${JSON.stringify(paths[earlier])}) comes first and covers it`,
      "move it up, or remove it",
    );
    return [problemAt([environment, "rules", index, "path"], text)];
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
