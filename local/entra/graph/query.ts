import { badRequest, GraphError } from "./errors.ts";

const known = new Set(["$filter", "$select", "$top", "$count", "$orderby"]);

export interface Query {
  /** `property eq 'value'`, the only filter here. */
  readonly filter: { readonly property: string; readonly value: string } | undefined;
  readonly select: readonly string[] | undefined;
}

/**
 * Reads OData query options; what the stand-in can't do is refused, never ignored.
 * Source: learn.microsoft.com, "Use query parameters to customize Microsoft Graph responses".
 */
export function readQuery(parameters: URLSearchParams, filterable: readonly string[]): Query {
  for (const name of parameters.keys()) {
    if (!known.has(name)) throw badRequest(`Unrecognized query option '${name}'.`);
    if (name !== "$filter" && name !== "$select" && name !== "$top") throw unsupported();
  }
  const filter = parameters.get("$filter");
  return {
    filter: filter === null ? undefined : readFilter(filter, filterable),
    select: parameters
      .get("$select")
      ?.split(",")
      .map((name) => name.trim()),
  };
}

function readFilter(filter: string, filterable: readonly string[]): NonNullable<Query["filter"]> {
  const match = /^(\w+) eq '((?:[^']|'')*)'$/.exec(filter.trim());
  const [, property, value] = match ?? [];
  if (property === undefined || value === undefined) throw badRequest("Invalid filter clause.");
  if (!filterable.includes(property)) throw unsupported();
  return { property, value: value.replaceAll("''", "'") };
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
