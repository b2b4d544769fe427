import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What OCSF's own files say, as far as events are checked with it. */
interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: string;
  readonly sibling?: string;
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
}

interface Definition {
  readonly name: string;
  readonly uid?: number;
  readonly extends?: string;
  readonly profiles?: readonly string[];
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
  readonly attributes: Readonly<Record<string, Attribute | readonly string[]>>;
}

interface Dictionary {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly types: {
    readonly attributes: Readonly<
      Record<string, { readonly type?: string; readonly regex?: string; readonly max_len?: number }>
    >;
  };
}

type Json = Readonly<Record<string, unknown>>;

export interface Ocsf {
  readonly version: string;
  /** Everything in which an event is not as its class says; empty where it is right. */
  problems(event: Json): string[];
  /** What a class with these profiles, or an object, is said to have. */
  definition(of: number | string, profiles?: readonly string[]): OcsfDefinition | undefined;
}

export interface OcsfDefinition {
  readonly name: string;
  readonly some: readonly string[];
  readonly attributes: ReadonlyMap<
    string,
    {
      /** `text`, `whole`, `yes-no` or an object's name, with `[]` for a list. */
      readonly kind: string;
      readonly required: boolean;
      readonly sibling: string | undefined;
      readonly values: Readonly<Record<string, string>> | undefined;
    }
  >;
}

/** OCSF's inheritance: what is said later replaces what was said, but values are added to an enumeration. */
function extend(general: Attribute, special: Attribute): Attribute {
  const values = { ...general.enum, ...special.enum };
  return { ...general, ...special, ...(Object.keys(values).length === 0 ? {} : { enum: values }) };
}

/** OCSF's compiler makes the enumerations of these out of its files; they are compared with the class instead. */
const compiled = ["category_uid", "class_uid", "type_uid"];

/** The constraints of the most special definition that has any are those that count. */
function constraintProblems(definitions: readonly Definition[], value: Json, place: string): string[] {
  const { constraints } = definitions.findLast((one) => one.constraints) ?? {};
  const { at_least_one: some = [], just_one: one = [] } = constraints ?? {};
  const found: string[] = [];
  if (some.length > 0 && !some.some((name) => name in value))
    found.push(`${place} has none of ${some.join(", ")}`);
  if (one.length > 0 && one.filter((name) => name in value).length !== 1)
    found.push(`${place} has not just one of ${one.join(", ")}`);
  return found;
}

/**
 * Reads a checkout of ocsf/ocsf-schema and checks events with it: attributes, requirements, types, enumerations with
 * their captions, constraints and profiles, of the class and of each object inside.
 *
 * @param folder holds dictionary.json, events/, objects/ and profiles/
 */
export function readOcsf(folder: string): Ocsf {
  const read = <T>(path: string): T => JSON.parse(readFileSync(join(folder, path), "utf8")) as T;
  const dictionary = read<Dictionary>("dictionary.json");
  const categories = read<{ attributes: Record<string, { uid: number }> }>("categories.json").attributes;
  const all = (path: string): Map<string, Definition> =>
    new Map(
      readdirSync(join(folder, path), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".json"))
        .map((name) => read<Definition & { category?: string }>(join(path, name)))
        .map((definition) => [definition.name, definition]),
    );
  const [events, objects] = [all("events"), all("objects")];

  /** A definition and all that it extends, the most general first. */
  const chain = (from: Map<string, Definition>, name: string): Definition[] => {
    const found = from.get(name);
    if (found === undefined) return [];
    return [...(found.extends === undefined ? [] : chain(from, found.extends)), found];
  };

  const attributesOf = (definitions: readonly Definition[], profiles: readonly string[]) => {
    const merged = new Map<string, Attribute>();
    const add = (attributes: Definition["attributes"]): void => {
      for (const [name, attribute] of Object.entries(attributes)) {
        if (name !== "$include")
          merged.set(
            name,
            extend(merged.get(name) ?? dictionary.attributes[name] ?? {}, attribute as Attribute),
          );
        else
          for (const path of attribute as readonly string[]) {
            const profile = read<Definition>(path);
            if (profiles.includes(profile.name)) add(profile.attributes);
          }
      }
    };
    for (const { attributes } of definitions) add(attributes);
    return merged;
  };

  const baseType = (type: string): string => {
    const parent = dictionary.types.attributes[type]?.type;
    return parent === undefined ? type : baseType(parent);
  };

  const scalarProblem = (type: string, value: unknown): string | undefined => {
    const regex = dictionary.types.attributes[type]?.regex;
    if (regex !== undefined && !new RegExp(regex).test(String(value))) return `is no ${type}`;
    switch (baseType(type)) {
      case "string_t":
        return typeof value === "string" ? undefined : "is no text";
      case "integer_t":
      case "long_t":
        return Number.isSafeInteger(value) ? undefined : "is no whole number";
      case "boolean_t":
        return typeof value === "boolean" ? undefined : "is neither true nor false";
      case "float_t":
        return typeof value === "number" ? undefined : "is no number";
      case "json_t":
        return undefined;
      default:
        return `has the unknown type ${type}`;
    }
  };

  const objectProblems = (
    definitions: readonly Definition[],
    value: Json,
    profiles: readonly string[],
    place: string,
  ): string[] => {
    const attributes = attributesOf(definitions, profiles);
    const found: string[] = [];
    for (const [name, attribute] of attributes)
      if (attribute.requirement === "required" && !(name in value)) found.push(`${place}${name} is missing`);
    for (const [name, member] of Object.entries(value)) {
      if (compiled.includes(name)) continue;
      const attribute = attributes.get(name);
      if (attribute === undefined) found.push(`${place}${name} is unknown`);
      else found.push(...memberProblems(attribute, member, value, profiles, place + name));
    }
    return [...found, ...constraintProblems(definitions, value, place)];
  };

  const memberProblems = (
    attribute: Attribute,
    member: unknown,
    owner: Json,
    profiles: readonly string[],
    place: string,
  ): string[] => {
    if (attribute.is_array === true) {
      if (!Array.isArray(member)) return [`${place} is no list`];
      const single = { ...attribute, is_array: false };
      return member.flatMap((one, index) =>
        memberProblems(single, one, owner, profiles, `${place}[${index}]`),
      );
    }
    const type = attribute.type ?? "";
    if (objects.has(type)) {
      if (typeof member !== "object" || member === null || Array.isArray(member))
        return [`${place} is no object`];
      // `object` itself takes anything: it is the type of `unmapped`.
      return type === "object"
        ? []
        : objectProblems(chain(objects, type), member as Json, profiles, `${place}.`);
    }
    const wrong = scalarProblem(type, member);
    if (wrong !== undefined) return [`${place} ${wrong}`];
    return enumProblems(attribute, member, owner, place);
  };

  const enumProblems = (attribute: Attribute, member: unknown, owner: Json, place: string): string[] => {
    if (attribute.enum === undefined) return [];
    const entry = attribute.enum[String(member)];
    if (entry === undefined) return [`${place} is none of ${Object.keys(attribute.enum).join(", ")}`];
    const caption = attribute.sibling === undefined ? undefined : owner[attribute.sibling];
    if (caption === undefined || String(member) === "99" || caption === entry.caption) return [];
    return [`${place} is ${entry.caption}, but ${attribute.sibling} says ${String(caption)}`];
  };

  const classOf = (uid: unknown): Definition[] | undefined => {
    for (const { name, uid: own } of events.values()) {
      const definitions = chain(events, name);
      const category = definitions
        .map((one) => (one as { category?: string }).category)
        .findLast((one) => one !== undefined);
      if (own !== undefined && (categories[category ?? ""]?.uid ?? 0) * 1000 + own === uid)
        return definitions;
    }
    return undefined;
  };

  const kindOf = ({ type = "", is_array }: Attribute): string => {
    const scalars: Readonly<Record<string, string>> = {
      string_t: "text",
      integer_t: "whole",
      long_t: "whole",
      boolean_t: "yes-no",
    };
    return (objects.has(type) ? type : (scalars[baseType(type)] ?? type)) + (is_array === true ? "[]" : "");
  };

  return {
    definition(of, profiles = []) {
      const definitions = typeof of === "number" ? classOf(of) : chain(objects, of);
      const last = definitions?.at(-1);
      if (definitions === undefined || last === undefined) return undefined;
      const attributes = [...attributesOf(definitions, profiles)].map(([name, attribute]) => {
        const { requirement, sibling, enum: values } = attribute;
        const captions =
          values && Object.fromEntries(Object.entries(values).map(([value, one]) => [value, one.caption]));
        const required = requirement === "required";
        return [name, { kind: kindOf(attribute), required, sibling, values: captions }] as const;
      });
      const { constraints } = definitions.findLast((one) => one.constraints) ?? {};
      return { name: last.name, some: constraints?.at_least_one ?? [], attributes: new Map(attributes) };
    },
    version: read<{ version: string }>("version.json").version,
    problems(event) {
      const definitions = classOf(event["class_uid"]);
      if (definitions === undefined) return [`class ${String(event["class_uid"])} is unknown`];
      const { profiles = [] } = event["metadata"] as { readonly profiles?: readonly string[] };
      const known = definitions.flatMap((one) => one.profiles ?? []);
      const found = profiles
        .filter((one) => !known.includes(one))
        .map((one) => `profile ${one} is not for this class`);
      const [category, activity] = [event["category_uid"], event["activity_id"]];
      if (Number(event["class_uid"]) !== Number(category) * 1000 + (definitions.at(-1)?.uid ?? 0))
        found.push("category_uid is another class's");
      if (event["type_uid"] !== Number(event["class_uid"]) * 100 + Number(activity))
        found.push("type_uid is wrong");
      return [...found, ...objectProblems(definitions, event, profiles, "")];
    },
  };
}
