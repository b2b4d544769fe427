import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readWorkflow } from "../../../local/github/runner/workflow-file.ts";
import { type Block, pages, root } from "./block.ts";

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}
type Map = { readonly [key: string]: unknown };

const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as ActionFile;
/** What `token` needs; the inputs that action.yml calls required are those of `protect`. */
const tokenInputs = ["tenant-id", "gate-client-id", "test-client-id", "sign-in-origin", "url"];
const expressions = (text: string, context: string): string[] =>
  [...text.matchAll(new RegExp(`\\$\\{\\{[^}]*?\\b${context}\\.([\\w-]+)`, "g"))].map(
    ([, name = ""]) => name,
  );

/** Variables that setup.md and machines.md tell people to set: a block that names another one gets an empty text. */
const told = new Set(
  pages
    .filter(
      (page) => page === "docs/setup.md" || page === "docs/machines.md" || page.startsWith("docs/recipes/"),
    )
    .flatMap((page) => [...readFileSync(join(root, page), "utf8").matchAll(/(?<![.\w])`([A-Z][A-Z_]+)`/g)])
    .map(([, name = ""]) => name),
);

/** GitHub's own parser reads it, and what it says to the action is what the action takes. */
export async function workflowProblems({ page, text }: Block): Promise<readonly string[]> {
  const whole = completed(parse(text));
  if (whole === undefined) return ["is no part of a workflow that this test knows"];
  const read = await readWorkflow(page, stringify(whole));
  // What GitHub does and the local runner doesn't is no fault of a page.
  const problems =
    "file" in read ? [] : read.problems.filter((problem) => !problem.includes("the local runner"));
  if (problems.length > 0) return problems;
  return [
    ...stepsIn(whole).flatMap(stepProblems),
    ...expressions(text, "vars")
      .filter((name) => !told.has(name))
      .map((name) => `no page says to set vars.${name}`),
    ...expressions(text, "secrets")
      .filter((name) => !["CLOUDFLARE_API_TOKEN", "GITHUB_TOKEN"].includes(name))
      .map((name) => `no page says to set secrets.${name}`),
    ...[...text.matchAll(/steps\.(?:gate|session)\.outputs\.([\w-]+)/g)]
      .filter(([, name = ""]) => !(name in action.outputs))
      .map(([, name]) => `the action has no output ${name}`),
  ];
}

/** Steps, jobs or triggers alone, with the rest of a workflow around them. */
function completed(part: unknown): Map | undefined {
  const on = { push: null };
  const job = { "runs-on": "ubuntu-latest", steps: [{ run: "true" }] };
  if (Array.isArray(part)) return { on, jobs: { job: { ...job, steps: part } } };
  if (typeof part !== "object" || part === null) return undefined;
  const map = part as Map;
  if ("jobs" in map || "on" in map) return { on, jobs: { job }, ...map };
  if ("steps" in map) return { on, jobs: { job: { ...job, ...map } } };
  if (Object.values(map).every((value) => typeof value === "object" && value !== null && "steps" in value)) {
    const needed = Object.values(map).flatMap(
      (value) => (value as { needs?: string | string[] }).needs ?? [],
    );
    return { on, jobs: { ...Object.fromEntries(needed.flat().map((name) => [name, job])), ...map } };
  }
  return undefined;
}

function stepsIn(workflow: Map): Map[] {
  return Object.values(workflow["jobs"] as Record<string, { steps?: Map[] }>).flatMap(
    ({ steps }) => steps ?? [],
  );
}

function stepProblems(step: Map): readonly string[] {
  const uses = String(step["uses"] ?? "");
  if (uses !== "" && !/^[\w.-]+\/[\w.-]+@v\d+$/.test(uses))
    return [`uses: ${uses} names no version of an action`];
  if (!uses.includes("/entra-gate@")) return [];
  const given = (step["with"] ?? {}) as Map;
  const required =
    given["command"] === "token"
      ? tokenInputs
      : Object.entries(action.inputs)
          .filter(([, { required }]) => required === true)
          .map(([name]) => name);
  return [
    ...Object.keys(given)
      .filter((name) => !(name in action.inputs))
      .map((name) => `the action has no input ${name}`),
    ...required.filter((name) => !(name in given)).map((name) => `the action needs the input ${name}`),
    ...(given["command"] === "token" || "project-name" in given || "projects" in given
      ? []
      : ["the action needs project-name or projects"]),
  ];
}
