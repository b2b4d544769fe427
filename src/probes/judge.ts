import { answerHeaders } from "../../contract/names/headers.ts";
import { isCardPage } from "../../contract/probes/card-page.ts";
import type { ProbeAnswer } from "../../contract/probes/client.ts";
import type { ProbeOutcome } from "../steps/types.ts";
import type { ClosedContent } from "./content.ts";

/** What is expected of an answer, beside that it holds nothing closed. */
export interface Expectation {
  /** The policy lets anyone see what this path reads as. */
  readonly public: boolean;
  /** Digest that a public file's answer must have; absent where any answer of the site's will do. */
  readonly sha256?: string;
  /** The path is written in a way that Cloudflare's edge may refuse before any worker runs. */
  readonly odd: boolean;
  /** Asked for as a link-preview fetcher does, and the policy has `card`. */
  readonly card?: boolean;
}

export interface Judgement {
  readonly outcome: ProbeOutcome;
  readonly reason: string;
}

/**
 * Says what an answer shows. Content decides first, whatever the status; then only an answer that the gate signed
 * with its code counts as closed. A challenge page, another server's 404 or a 522 prove nothing.
 *
 * @param origin of the probe, to tell a redirect within the site from one that leads away
 */
export function judge(
  answer: ProbeAnswer,
  expected: Expectation,
  closed: ClosedContent,
  origin: string,
): Judgement {
  const leaked = closed.find(answer.body, answer.sha256);
  if (leaked !== undefined) return { outcome: "open", reason: `answered with content of ${leaked}` };
  if (answer.headers["cf-mitigated"] !== undefined) {
    return { outcome: "inconclusive", reason: "Cloudflare answered with a challenge instead of the site" };
  }
  const code = answer.headers[answerHeaders.code];
  if (expected.public) return judgePublic(answer, expected, code);
  if (code !== undefined && (answer.status >= 400 || (expected.card === true && isCardPage(answer))))
    return { outcome: "closed", reason: `refused by the gate: ${String(code)}` };
  return judgeUnsigned(answer, expected, origin);
}

function judgePublic(
  answer: ProbeAnswer,
  expected: Expectation,
  code: string | string[] | undefined,
): Judgement {
  if (expected.sha256 === undefined) {
    return code === undefined
      ? { outcome: "public", reason: `anyone may see it; answered ${answer.status}` }
      : { outcome: "closed", reason: `refused by the gate: ${String(code)}` };
  }
  if (answer.status === 200 && answer.sha256 === expected.sha256) {
    return { outcome: "public", reason: "anyone may see it, and it answered with the file" };
  }
  if (answer.status === 200 && code === undefined) {
    return { outcome: "public", reason: "anyone may see it; answered with something else than the file" };
  }
  if (code === undefined && answer.status >= 500)
    return { outcome: "inconclusive", reason: `answered ${answer.status}` };
  return {
    outcome: "broken",
    reason: `anyone may see it, but it answered ${answer.status}${code === undefined ? "" : ` (${String(code)})`}`,
  };
}

function judgeUnsigned({ status, headers }: ProbeAnswer, { odd }: Expectation, origin: string): Judgement {
  if (status >= 200 && status < 300)
    return { outcome: "open", reason: `answered ${status}, and not by the gate` };
  if (status === 304) return { outcome: "open", reason: "confirmed a cached copy, and not by the gate" };
  if (status >= 300 && status < 400) {
    return leadsAway(headers.location, origin)
      ? { outcome: "inconclusive", reason: `redirected (${status}) to another origin before the gate` }
      : { outcome: "open", reason: `redirected (${status}) within the site, and not by the gate` };
  }
  if (odd && [400, 414, 431].includes(status))
    return { outcome: "closed", reason: `refused (${status}) before any code ran` };
  return { outcome: "inconclusive", reason: `answered ${status}, and not by the gate` };
}

function leadsAway(location: string | undefined, origin: string): boolean {
  try {
    return location !== undefined && new URL(location, origin).origin !== new URL(origin).origin;
  } catch {
    return false;
  }
}
