import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gateJsonSchema } from "../../contract/policy/json-schema.ts";
import { code, table } from "./markdown.ts";
import { policyTexts } from "./policy-texts.ts";

/** The part of a JSON Schema that `gateJsonSchema` makes. */
export interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
}

/** One object of the policy: its place, and its keys with what they mean. */
export interface PolicySection {
  /** `production.rules[].allow`; empty for the file itself. */
  readonly place: string;
  readonly keys: readonly PolicyKey[];
}

export interface PolicyKey {
  readonly name: string;
  /** In which environments, where it is not both. */
  readonly only?: string;
  readonly meaning: string;
  readonly required: boolean;
  /** What applies where the key is left out. */
  readonly preset: unknown;
  /** Its value in the example. */
  readonly example: unknown;
}

/** The policy in which each key stands at least once. */
export function policyExample(): unknown {
  return JSON.parse(exampleText());
}

function exampleText(): string {
  return readFileSync(join(import.meta.dirname, "policy-example.json"), "utf8").trimEnd();
}

/** Every object that a policy may hold, from the schema that it is checked with; preview and production are one. */
export function policySections(): PolicySection[] {
  const { preview, production, ...others } = (gateJsonSchema() as Node).properties ?? {};
  const example = policyExample() as Readonly<Record<string, unknown>>;
  const sections = [preview, objectOf(production)];
  const [ofPreview = {}, ofProduction = {}] = sections.map((node) => node?.properties ?? {});
  const environment = Object.entries({ ...ofPreview, ...ofProduction }).map(([name, node]) => ({
    name,
    node,
    required: sections.every((node) => node?.required?.includes(name)),
    only: !(name in ofPreview) ? "production" : !(name in ofProduction) ? "preview" : undefined,
    examples: valuesAt([example["preview"], example["production"]], name),
  }));
  const top = { ...others, preview: { ...preview }, production: { ...production } } as Record<string, Node>;
  return [
    section(
      "",
      Object.entries(top).map(([name, node]) => ({ name, node, examples: valuesAt([example], name) })),
    ),
    ...Object.entries(others).flatMap(([name, node]) => inner(name, node, valuesAt([example], name))),
    section("preview, production", environment),
    ...environment.flatMap(({ name, node, examples }) => inner(name, node, examples)),
  ];
}

interface Entry {
  readonly name: string;
  readonly node: Node;
  readonly required?: boolean;
  readonly only?: string | undefined;
  readonly examples: readonly unknown[];
}

function section(place: string, entries: readonly Entry[]): PolicySection {
  const keys = entries.map(({ name, node, only, required = false, examples }) => ({
    name,
    required,
    ...(only === undefined ? {} : { only }),
    meaning: node.description ?? "",
    preset: node.default,
    example: examples[0],
  }));
  return { place, keys };
}

/** Sections of the objects within one key's value. */
function inner(place: string, node: Node, examples: readonly unknown[]): PolicySection[] {
  const list = node.items;
  if (list !== undefined) return inner(`${place}[]`, list, examples.flat());
  const entries = Object.entries(objectOf(node)?.properties ?? {}).map(([name, one]) => ({
    name,
    node: one,
    required: objectOf(node)?.required?.includes(name) === true,
    examples: valuesAt(examples, name),
  }));
  if (entries.length === 0) return [];
  const below = entries.flatMap((entry) => inner(`${place}.${entry.name}`, entry.node, entry.examples));
  return [section(place, entries), ...below];
}

function objectOf(node: Node | undefined): Node | undefined {
  return node?.properties === undefined ? node?.anyOf?.find(({ properties }) => properties) : node;
}

function valuesAt(objects: readonly unknown[], name: string): unknown[] {
  return objects.flatMap((one) => {
    const value =
      typeof one === "object" && one !== null ? (one as Record<string, unknown>)[name] : undefined;
    return value === undefined ? [] : [value];
  });
}

/** docs/policy.md: every key of gate.json. */
export function policyPage(): string {
  const { introduction, chapters, headings } = policyTexts;
  const tables = policySections().map(({ place, keys }) =>
    [
      `### ${headings[place] ?? code(place)}`,
      table(
        ["Key", "Example", "If left out", "What it says"],
        keys.map(({ name, only, required, example, preset, meaning }) => [
          code(name) + (only === undefined ? "" : ` (${only} only)`),
          shown(example),
          required ? "required" : preset === undefined ? "" : shown(preset),
          meaning,
        ]),
      ),
    ].join("\n"),
  );
  return [introduction, "```json", exampleText(), "```", "", chapters, "## Every key", ...tables].join("\n");
}

/** What is too long for a cell stands in the example. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? "above" : code(text);
}
