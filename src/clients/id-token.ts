import * as v from "valibot";
import { ActionError } from "../errors.ts";
import { jobPermission } from "./github-errors.ts";
import type { Http } from "./http.ts";

/** Where a job with `id-token: write` gets its tokens; both from the runner's environment. */
export interface IdTokenSource {
  readonly url: string;
  readonly requestToken: string;
}

const asked = { service: "GitHub's token issuer", call: "GET an ID token" };

const answerSchema = v.object({ value: v.pipe(v.string(), v.nonEmpty()) });

/** What federation matches on, as it really stands in the token; shown to the operator, proof of nothing. */
export interface IdTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** The GitHub environment of the job; empty where it has none. */
  readonly environment: string;
}

/**
 * Asks GitHub for an ID token of this job. As `core.getIDToken`, but through the action's own HTTP client, for its
 * time-outs and its resolution of `.localhost`.
 * Source: GitHub, "OpenID Connect reference", Requesting the JWT using environment variables.
 * @param mask called with the token before it is used
 * @throws ActionError id-token-unavailable, service-*
 */
export async function requestIdToken(
  http: Http,
  source: IdTokenSource | undefined,
  audience: string,
  mask: (secret: string) => void,
): Promise<string> {
  if (source === undefined)
    throw new ActionError("id-token-unavailable", "", {
      asked: { ...asked, ...jobPermission("id-token: write") },
    });
  const url = new URL(source.url);
  url.searchParams.set("audience", audience);
  const answer = await http.send({
    ...asked,
    method: "GET",
    url,
    headers: { authorization: `Bearer ${source.requestToken}` },
    expect: "json",
  });
  if (answer.status !== 200)
    throw new ActionError("id-token-unavailable", `${asked.service}: status ${answer.status}.`, {
      asked: { ...asked, ...jobPermission("id-token: write") },
    });
  const parsed = v.safeParse(answerSchema, answer.json());
  if (!parsed.success)
    throw new ActionError("service-answer-unreadable", `${asked.service}: no \`value\`.`, { asked });
  mask(parsed.output.value);
  return parsed.output.value;
}

/** Issuer, subject, audience and environment of a token that was not verified. Empty where they can't be read. */
export function peekClaims(token: string): IdTokenClaims {
  const claims = readPayload(token);
  const text = (name: string): string => (typeof claims[name] === "string" ? (claims[name] as string) : "");
  return { iss: text("iss"), sub: text("sub"), aud: text("aud"), environment: text("environment") };
}

/** When a token ends, in milliseconds since 1970; 0 where it does not say. */
export function endOf(token: string): number {
  const { exp } = readPayload(token);
  return typeof exp === "number" ? exp * 1000 : 0;
}

function readPayload(token: string): Readonly<Record<string, unknown>> {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
