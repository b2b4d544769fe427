import { type ErrorCode, errors } from "../../../contract/errors/index.ts";
import { CommandFault } from "./fault.ts";
import { faultTexts } from "./fault-texts.ts";

/** Reasons of a policy's decision, as audit events name them, that answers carry under another code. */
const answeredAs: Readonly<Record<string, ErrorCode>> = {
  "sign-in": "sign-in-required",
  "ambiguous-path": "path-ambiguous",
};

/** Ten characters in two groups, as pages and logs show them. */
const referenceShape = /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/;

/**
 * Says what a code means to the operator, or the code that the log has for a visitor's reference.
 *
 * @param asked a code, or a reference in any case
 * @param readLog the log's text, asked for where a reference has to be found: the gate's own lines, or the same inside
 *   another program's JSON (`wrangler pages deployment tail --format json`)
 * @throws CommandFault code-unknown, reference-unknown
 */
export async function explain(asked: string, readLog: () => Promise<string>): Promise<string> {
  const code = codeOf(asked);
  const texts = [...(code === undefined ? [] : [textOf(code)]), ...commandsText(asked)];
  if (texts.length > 0) return texts.join("\n\n");
  const reference = asked.toUpperCase();
  if (!referenceShape.test(reference))
    throw new CommandFault("code-unknown", `${JSON.stringify(asked)} is neither a code nor a reference.`);
  const codes = new Set((await readLog()).split("\n").flatMap((line) => codesIn(line, reference)));
  if (codes.size === 0)
    throw new CommandFault("reference-unknown", `No line of the log has a code for ${reference}.`);
  return [...codes].map(textOf).join("\n\n");
}

/** What the command itself ends with under that code, which may also be another part's. */
function commandsText(word: string): string[] {
  if (!Object.hasOwn(faultTexts, word)) return [];
  return [`${word} (entra-gate)\n${faultTexts[word as keyof typeof faultTexts]}`];
}

function codeOf(word: string): ErrorCode | undefined {
  if (Object.hasOwn(errors, word)) return word as ErrorCode;
  return Object.hasOwn(answeredAs, word) ? answeredAs[word] : undefined;
}

/** The codes of the innermost objects that have the reference; a line of a tail holds several of the gate's as text. */
function codesIn(value: unknown, reference: string): ErrorCode[] {
  if (typeof value === "string") {
    const start = value.indexOf("{");
    return start < 0 || !value.includes(reference) ? [] : codesIn(parsed(value.slice(start)), reference);
  }
  if (typeof value !== "object" || value === null) return [];
  const { code, status_code: reason } = value as { code?: unknown; status_code?: unknown };
  const own = [code, reason].flatMap((word) => (typeof word === "string" ? (codeOf(word) ?? []) : []));
  if (own.length > 0) return JSON.stringify(value).includes(reference) ? own : [];
  return Object.values(value).flatMap((inner) => codesIn(inner, reference));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(code: ErrorCode): string {
  const { status, operator, visitor } = errors[code];
  return [
    status === 0 ? code : `${code} (HTTP ${status})`,
    operator,
    ...(visitor === "" ? [] : [`The visitor reads: ${visitor}`]),
  ].join("\n");
}
