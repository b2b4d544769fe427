import { badRequest, GraphError } from "./errors.ts";

const known = new Set(["$filter", "$select", "$top", "$count", "$orderby"]);

export interface Query {
  /** `property eq 'value'`, or for a list `property/any(x:x eq 'value')`: the only filters here. */
  readonly filter: { readonly property: string; readonly value: string; readonly any: boolean } | undefined;
  readonly select: readonly string[] | undefined;
}

/**
 * Reads OData query options; what the stand-in can't do is refused, never ignored. That goes for all that the real service
 * does only with `ConsistencyLevel: eventual` and `$count=true` (`ne`, `not`, `endsWith`, `$search`, `$count`).
 * Source: learn.microsoft.com, "Use query parameters to customize Microsoft Graph responses".
 */
export function readQuery(
  parameters: URLSearchParams,
  filterable: readonly string[],
  lists: readonly string[] = [],
): Query {
  for (const name of parameters.keys()) {
    if (!known.has(name)) throw badRequest(`Unrecognized query option '${name}'.`);
    if (name !== "$filter" && name !== "$select" && name !== "$top") throw unsupported();
  }
  const filter = parameters.get("$filter");
  return {
    filter: filter === null ? undefined : readFilter(filter, filterable, lists),
    select: parameters
      .get("$select")
      ?.split(",")
      .map((name) => name.trim()),
  };
}

function readFilter(
  filter: string,
  filterable: readonly string[],
  lists: readonly string[],
): NonNullable<Query["filter"]> {
  const match =
    /^(?<property>\w+) eq '(?<value>(?:[^']|'')*)'$/.exec(filter.trim()) ??
    /^(?<property>\w+)\/any\((?<item>\w+):\s*\k<item> eq '(?<value>(?:[^']|'')*)'\)$/.exec(filter.trim());
  const { property, value, item } = match?.groups ?? {};
  if (property === undefined || value === undefined) throw badRequest("Invalid filter clause.");
  if (!(item === undefined ? filterable : lists).includes(property)) throw unsupported();
  return { property, value: value.replaceAll("''", "'"), any: item !== undefined };
}

/** Whether an object passes the filter. Directory strings compare without regard to case. */
export function matches(object: object, { filter }: Query): boolean {
  if (filter === undefined) return true;
  const value = (object as Record<string, unknown>)[filter.property];
  const same = (one: unknown) => String(one).toLowerCase() === filter.value.toLowerCase();
  return Array.isArray(value) ? filter.any && value.some(same) : same(value);
}

function unsupported(): GraphError {
  return new GraphError(400, "Request_UnsupportedQuery", "Unsupported Query.");
}

/** Leaves the fields that `$select` names; `id` is not added. @throws GraphError 400 for a name the type lacks */
export function selected(view: object, { select }: Query): Record<string, unknown> {
  const all = view as Record<string, unknown>;
  if (select === undefined) return all;
  return Object.fromEntries(
    select.map((name) => {
      if (!(name in all)) throw badRequest(`Could not find a property named '${name}'.`);
      return [name, all[name]];
    }),
  );
}
