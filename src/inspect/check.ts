import { type ActionErrorCode, actionErrors } from "../../contract/errors/action.ts";
import { type ActionError, asActionError } from "../errors.ts";
import { forLog } from "../escape.ts";
import type { Check, Finding, Who } from "../findings.ts";

/** Longest text from outside that a finding repeats. */
const longest = 500;

/** One thing to look at. */
export interface Look {
  /** The check's code, kebab-case. */
  readonly code: string;
  readonly subject: string;
  /** Where the usual remedy of a missing permission says too much: what exactly this reading needs. */
  readonly needs?: { readonly remedy: string; readonly who: Who };
  /** Reads, and says what is not as it should be. */
  work(): Promise<readonly Finding[]> | readonly Finding[];
}

/**
 * Looks at one thing. What a service does not let be read is said in the check, and ends nothing: the other checks are
 * of use without it.
 * @param now milliseconds since 1970
 * @throws ActionError deadline-exceeded
 */
export async function look(now: () => number, { code, subject, needs, work }: Look): Promise<Check> {
  const at = new Date(now()).toISOString();
  const common = { code, subject: plain(subject), at };
  try {
    return { ...common, findings: await work() };
  } catch (thrown) {
    const error = asActionError(thrown);
    if (error.code === "deadline-exceeded" || error.code === "unexpected-fault") throw error;
    const denied = error.code.endsWith("-permission-missing");
    const who = whoMends(error.code);
    const { operator: remedy } = actionErrors[error.code];
    if (!denied || needs === undefined)
      return { ...common, findings: [], notChecked: { why: saidBy(error), remedy, who } };
    const { service = "", call = "" } = error.asked ?? {};
    return {
      ...common,
      findings: [],
      notChecked: { why: plain(`${error.code}: ${service}, ${call}`), ...needs },
    };
  }
}

/** What ended something, as one line: the code and its particulars. */
export function saidBy(error: ActionError): string {
  return plain(error.detail === "" ? error.code : `${error.code}: ${error.detail}`);
}

/** Text from outside on its way into a finding: one line, nothing in it that a log or a page would obey. */
export function plain(text: string, most = longest): string {
  const line = forLog(text.replace(/\s*\n\s*/g, " "));
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** Whose hands an error of the action needs. */
export function whoMends(code: ActionErrorCode): Who {
  if (/^(entra|graph|secret|redirect-uris)/.test(code)) return "entra";
  if (/^(cloudflare|project|branch-is-production)/.test(code)) return "cloudflare";
  if (/^(github|id-token)/.test(code)) return "github";
  return "developer";
}
