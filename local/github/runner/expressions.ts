import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import type { FunctionDefinition } from "@actions/expressions/funcs/info";
import type { Yaml } from "./workflow-file.ts";

/** Contexts by name, as plain JSON, and how the job stands. */
export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly status: "success" | "failure" | "cancelled";
  /** Digest of the files that match patterns, in the workspace. */
  readonly hashFiles: (patterns: readonly string[]) => string;
}

const contextNames = [
  "github",
  "env",
  "vars",
  "secrets",
  "inputs",
  "steps",
  "needs",
  "runner",
  "job",
  "strategy",
  "matrix",
];

/** The value of one expression, without its `${{ }}`. @throws Error as GitHub's evaluator words it */
function evaluateData(expression: string, scope: Scope): data.ExpressionData {
  const functions = statusFunctions(scope);
  const parser = new Parser(new Lexer(expression).lex().tokens, contextNames, functions);
  const json = JSON.stringify(
    Object.fromEntries(contextNames.map((name) => [name, scope.contexts[name] ?? {}])),
  );
  const contexts = JSON.parse(json, data.reviver) as data.Dictionary;
  return new Evaluator(
    parser.parse(),
    contexts,
    new Map(functions.map((each) => [each.name, each])),
  ).evaluate();
}

function statusFunctions({ status, hashFiles }: Scope): FunctionDefinition[] {
  const answer = (name: string, value: boolean): FunctionDefinition => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  });
  return [
    answer("success", status === "success"),
    answer("failure", status === "failure"),
    answer("cancelled", status === "cancelled"),
    answer("always", true),
    {
      name: "hashfiles",
      minArgs: 1,
      maxArgs: 255,
      call: (...patterns) =>
        new data.StringData(hashFiles(patterns.map((pattern) => pattern.coerceString()))),
    },
  ];
}

/** Whether an `if:` holds. */
export function holds(condition: string, scope: Scope): boolean {
  const value = evaluateData(condition, scope);
  if (value.kind === data.Kind.Boolean) return (value as data.BooleanData).value;
  if (value.kind === data.Kind.Null) return false;
  if (value.kind === data.Kind.Number) return !Number.isNaN(value.number()) && value.number() !== 0;
  return value.kind !== data.Kind.String || value.coerceString() !== "";
}

/** A text with its expressions replaced by their values. */
export function interpolate(value: Yaml | undefined, scope: Scope): string {
  if (value === undefined || value === null) return "";
  const text = String(value);
  let result = "";
  let position = 0;
  for (;;) {
    const open = text.indexOf("${{", position);
    if (open < 0) return result + text.slice(position);
    const close = endOfExpression(text, open + 3);
    result += text.slice(position, open) + evaluateData(text.slice(open + 3, close), scope).coerceString();
    position = close + 2;
  }
}

/** A mapping of texts (env, with, outputs), or an expression that stands for a whole mapping. */
export function interpolateMap(value: Yaml | undefined, scope: Scope): Record<string, string> {
  if (value === undefined || value === null || typeof value !== "object") return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, interpolate(text as Yaml, scope)]),
  );
}

/** Where `}}` ends an expression; inside a string it doesn't. */
function endOfExpression(text: string, start: number): number {
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    if (text.charAt(index) === "'") quoted = !quoted;
    else if (!quoted && text.startsWith("}}", index)) return index;
  }
  throw new Error(`expression is not closed: ${text}`);
}
