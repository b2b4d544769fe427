import { expect, test } from "vitest";
import { gateJsonSchema } from "../../../contract/policy/json-schema.ts";

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly additionalProperties?: unknown;
  readonly description?: string;
}

function objectsIn(node: Node): Node[] {
  const inner = [
    ...Object.values(node.properties ?? {}),
    ...(node.items ? [node.items] : []),
    ...(node.anyOf ?? []),
  ];
  return [...(node.properties === undefined ? [] : [node]), ...inner.flatMap(objectsIn)];
}

const schema = gateJsonSchema() as Node;

test("the JSON Schema has the policy's keys and refuses all others, everywhere", () => {
  expect(Object.keys(schema.properties ?? {})).toEqual([
    "$schema",
    "name",
    "groups",
    "roles",
    "session",
    "audit",
    "preview",
    "production",
    "contact",
    "tests",
  ]);
  const objects = objectsIn(schema);
  expect(objects.length).toBeGreaterThan(5);
  for (const object of objects) expect(object.additionalProperties).toBe(false);
});

test("it describes what is written, not what is read", () => {
  const session = schema.properties?.["session"];
  expect(session?.properties?.["lifetime"]).toMatchObject({ type: "string", default: "8h" });
});

test("every key that a person writes in the policy itself is described", () => {
  const described = ["groups", "roles", "preview", "production", "tests"].map(
    (key) => schema.properties?.[key]?.description,
  );
  expect(described.every((text) => text !== undefined && text !== "")).toBe(true);
});
