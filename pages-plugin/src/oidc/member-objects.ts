import { GateFault } from "../http/fault.ts";
import { readJsonObject } from "./json-answer.ts";

/** A visitor waits for this in the middle of his sign-in. */
const answerWithin = 5_000;
/** Graph itself answers with at most 11,000 ids, 40 bytes each. */
const longestAnswer = 512 * 1024;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Asks Microsoft Graph for the groups of whoever an access token was issued to, nested ones included
 * (`POST /me/getMemberObjects`, delegated User.Read). The address is the configured cloud's and never the one in the
 * ID token's `_claim_sources`.
 *
 * Only security groups, as `groupMembershipClaims: SecurityGroup` has them in tokens under the limit.
 *
 * @param graph origin of Graph, `https://graph.microsoft.com`
 * @param accessToken as the token endpoint gave it beside the ID token; used once and dropped
 * @throws GateFault `graph-unavailable` where no answer comes in time
 */
export async function memberObjectsRequest(
  graph: string,
  accessToken: string,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  try {
    return await fetch(`${graph}/v1.0/me/getMemberObjects`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${accessToken}`,
        "content-type": "application/json",
        accept: "application/json",
      },
      body: JSON.stringify({ securityEnabledOnly: true }),
      // A redirect would hand the token to whoever the answer names.
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithin),
    });
  } catch (cause) {
    throw new GateFault("graph-unavailable", "no answer", { cause });
  }
}

/**
 * Reads Graph's answer. One that is not complete and well-formed in every item is none: a group that is left out could
 * not be told from a group that the visitor is not in.
 *
 * @returns object ids in lower case, each once
 * @throws GateFault `graph-unavailable` (429, 5xx, cut off), `graph-refused`, `graph-answer-invalid`
 */
export async function processMemberObjects(answer: Response): Promise<readonly string[]> {
  const { status } = answer;
  if (status !== 200) {
    await answer.body?.cancel();
    const passing = status === 429 || status >= 500;
    throw new GateFault(passing ? "graph-unavailable" : "graph-refused", `status ${status}`);
  }
  const body = await readBody(answer);
  if (Object.keys(body).some((name) => name.toLowerCase() === "@odata.nextlink"))
    throw new GateFault("graph-answer-invalid", "only a part of the list");
  const { value } = body;
  if (!Array.isArray(value)) throw new GateFault("graph-answer-invalid", "no list");
  const ids = value.map((id: unknown) => {
    if (typeof id !== "string" || !guid.test(id)) throw new GateFault("graph-answer-invalid", "no object id");
    return id.toLowerCase();
  });
  return [...new Set(ids)];
}

async function readBody(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await readJsonObject(answer, longestAnswer);
  } catch (cause) {
    // The time limit also ends an answer that never does.
    if (cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError"))
      throw new GateFault("graph-unavailable", "answer not finished in time", { cause });
    const why = cause instanceof Error ? cause.message : "unreadable";
    throw new GateFault("graph-answer-invalid", why, { cause });
  }
}
