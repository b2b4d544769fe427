import * as v from "valibot";
import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import type { ProbeAnswer } from "../../../contract/probes/client.ts";

/**
 * What one origin shows to somebody without a session. `closed`: the gate is in front and refused. `public`: the
 * default branch's policy lets anyone see what was shown. `open`: anything else was shown. `nothing`: nothing was ever
 * deployed there. `unproven`: whatever answered, or did not, proves nothing; it is never counted as closed.
 */
export type Verdict = "closed" | "public" | "open" | "nothing" | "unproven";

/** What a deployment's gate says of itself at `/.auth/status`. */
export interface GateStatus {
  readonly role: "site" | "standalone" | "host";
  readonly version: string;
  readonly environment?: string | undefined;
  /** Digest of the policy that it enforces. */
  readonly policy?: string | undefined;
  readonly bundle?: string | undefined;
  /** Nothing is closed, only logged. */
  readonly mode?: "report" | undefined;
}

/** One answer, judged by itself. */
export interface Seen {
  /** Request target. */
  readonly target: string;
  readonly verdict: Exclude<Verdict, "nothing">;
  /** 0 where there was no answer. */
  readonly status: number;
  /** For people; nothing in it is text from outside. */
  readonly reason: string;
}

const statusSchema = v.object({
  role: v.picklist(["site", "standalone", "host"]),
  version: v.string(),
  environment: v.exactOptional(v.string()),
  policy: v.exactOptional(v.string()),
  bundle: v.exactOptional(v.string()),
  mode: v.exactOptional(v.literal("report")),
});

/** @returns undefined where the answer is not the public status of a gate */
export function gateStatusOf({ status, body }: ProbeAnswer): GateStatus | undefined {
  if (status !== 200) return undefined;
  try {
    const parsed = v.safeParse(statusSchema, JSON.parse(body.toString("utf8")));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** What the answer to `/.auth/status` says about whether a gate is there at all. */
export function judgeStatus(answer: ProbeAnswer, origin: string): Seen {
  const target = siteEndpoints.status;
  if (gateStatusOf(answer) !== undefined)
    return { target, verdict: "closed", status: answer.status, reason: "a gate answered" };
  return judgeClosed(answer, target, origin);
}

/**
 * What an answer at a path that nobody may see without a session shows. Only what the gate signed with its code
 * counts as closed; what any other server says is either something shown or proves nothing.
 */
export function judgeClosed({ status, headers }: ProbeAnswer, target: string, origin: string): Seen {
  const seen = (verdict: Seen["verdict"], reason: string): Seen => ({ target, verdict, status, reason });
  if (headers["cf-mitigated"] !== undefined)
    return seen("unproven", "Cloudflare answered with a challenge instead of the site");
  const code = headers[answerHeaders.code];
  if (code === "site-threw") return seen("open", "the code behind the gate ran, and failed");
  if (code !== undefined && status >= 400) return seen("closed", "refused by the gate");
  if (status >= 500 || [401, 403, 408, 429].includes(status))
    return seen("unproven", `answered ${status}, and not by the gate`);
  if (status >= 300 && status < 400 && leadsAway(headers.location, origin))
    return seen("unproven", `redirected (${status}) to another origin, and not by the gate`);
  return seen("open", `answered ${status}, and not by the gate`);
}

function leadsAway(location: string | undefined, origin: string): boolean {
  try {
    return location !== undefined && new URL(location, origin).origin !== new URL(origin).origin;
  } catch {
    return false;
  }
}
