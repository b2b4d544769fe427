import { GateFault } from "../http/fault.ts";
import { scope } from "./authorization-request.ts";
import type { ValidatedResponse } from "./authorization-response.ts";
import { errorOfTokenAnswer } from "./entra-errors.ts";
import { readJsonObject } from "./json-answer.ts";

/** How long Entra may take before the visitor is told that it can't be reached. */
const answerWithin = 10_000;

/** What a code was worth. */
export interface TokenAnswer {
  /** Not validated yet. */
  readonly idToken: string;
  /** For Graph, opaque here; used within this request or not at all. */
  readonly accessToken: string;
}

export interface CodeGrant {
  readonly clientId: string;
  /** Fields that prove who the client is. */
  readonly proof: Readonly<Record<string, string>>;
  /** The same as in the authorization request. */
  readonly redirectUri: string;
  /** PKCE verifier of this transaction. */
  readonly verifier: string;
}

/**
 * Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5). Secret or assertion go into the body; no Origin is sent, with which Entra would refuse a confidential client.
 *
 * @param response only what `validateAuthorizationResponse` let through can be redeemed
 * @throws GateFault `entra-unavailable` where no answer comes in time
 */
export async function codeGrantRequest(
  endpoint: string,
  response: ValidatedResponse,
  grant: CodeGrant,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: grant.clientId,
    ...grant.proof,
    code: response.code,
    redirect_uri: grant.redirectUri,
    code_verifier: grant.verifier,
    scope,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  try {
    return await fetch(endpoint, {
      method: "POST",
      headers,
      body: body.toString(),
      // A redirected token request would hand code and secret to whoever the answer names.
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithin),
    });
  } catch (cause) {
    throw new GateFault("entra-unavailable", "token endpoint gave no answer", { cause });
  }
}

/**
 * What came of a token request (RFC 6749 section 5, OpenID Connect Core section 3.1.3.3). A refresh token,
 * should there be one, is dropped here: the gate keeps none.
 *
 * @throws GateFault `entra-…` codes, by Entra's `error` and AADSTS number; `entra-answer-invalid`
 */
export async function processTokenAnswer(answer: Response): Promise<TokenAnswer> {
  const body = await readBody(answer);
  if (answer.status !== 200) throw errorOfTokenAnswer(answer.status, body);
  const type = body["token_type"];
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    throw new GateFault("entra-answer-invalid", "token_type");
  }
  const idToken = body["id_token"];
  if (typeof idToken !== "string" || idToken === "")
    throw new GateFault("entra-answer-invalid", "no id_token");
  const accessToken = body["access_token"];
  // RFC 6750 section 2.1: nothing else can stand in a header.
  if (typeof accessToken !== "string" || !/^[\w.~+/-]+=*$/.test(accessToken))
    throw new GateFault("entra-answer-invalid", "no access_token");
  return { idToken, accessToken };
}

async function readBody(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await readJsonObject(answer);
  } catch (cause) {
    // A proxy or an outage page answers in HTML; its status says more than its body.
    if (answer.status === 429 || answer.status >= 500) {
      throw new GateFault("entra-unavailable", `status ${answer.status}`, { cause });
    }
    const why = cause instanceof Error ? cause.message : "unreadable";
    throw new GateFault("entra-answer-invalid", `status ${answer.status}, ${why}`, { cause });
  }
}
