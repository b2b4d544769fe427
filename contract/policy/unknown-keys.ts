import type * as v from "valibot";
import { nearest, type Problem, problemAt, problemText } from "./problem.ts";

type Path = readonly (string | number)[];
type Schema = v.GenericSchema & {
  readonly entries?: Record<string, Schema>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly Schema[];
};

/**
 * Every key that the schema doesn't know, wherever it stands. valibot's `strictObject` tells of the first one only,
 * and takes a list for an object.
 */
export function unknownKeys(schema: v.GenericSchema, value: unknown, path: Path = []): Problem[] {
  const { type, entries, item, wrapped, options } = schema as Schema;
  if (wrapped !== undefined) return unknownKeys(wrapped, value, path);
  if (typeof value !== "object" || value === null) return [];
  if (options !== undefined) return options.flatMap((option) => unknownKeys(option, value, path));
  if (Array.isArray(value)) {
    if (item !== undefined)
      return value.flatMap((member, index) => unknownKeys(item, member, [...path, index]));
    return type === "strict_object" || type === "record"
      ? [problemAt(path, problemText("is a list", "write an object: { … }"))]
      : [];
  }
  if (entries === undefined) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (entry !== undefined) return unknownKeys(entry, member, [...path, key]);
    return [problemAt([...path, key], unknownKeyText(key, Object.keys(entries)))];
  });
}

function unknownKeyText(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return problemText(
    "is unknown here",
    near === undefined ? `remove it; known are ${known.join(", ")}` : `did you mean "${near}"?`,
  );
}
