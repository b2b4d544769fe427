import { type SiteErrorCode, siteAnswers } from "../../../../contract/errors/site-answers.ts";
import { jsonAnswer } from "../../http/answers.ts";
import { GateFault } from "../../http/fault.ts";
import { readJsonRequest } from "../../http/json-request.ts";
import { isOwnOrScript } from "../../http/script-request.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { acceptTicket, refuseSignIn } from "../ticket-acceptance.ts";

/** A ticket and a verifier fit into a cookie. */
const longestRequest = 8192;

/**
 * POST: a program that got a ticket from the sign-in host makes a session of it, under the conditions of `accept`. What
 * makes the ticket its own is the verifier, which it made itself.
 */
export async function makeSession(services: SiteServices, visit: Visit): Promise<Response> {
  const { request, origin } = visit;
  try {
    if (!isOwnOrScript(request, origin)) throw new GateFault("session-origin-foreign");
    const { ticket, verifier } = (await readJsonRequest(request, longestRequest)) ?? {};
    if (typeof ticket !== "string" || typeof verifier !== "string")
      throw new GateFault("session-form-invalid");
    const { cookie, expires } = await acceptTicket(services, visit, ticket, verifier);
    return jsonAnswer(request, { expires }, { cookies: [cookie] });
  } catch (error) {
    if (!(error instanceof GateFault) || !Object.hasOwn(siteAnswers, error.code)) throw error;
    return refuseSignIn(services, visit, error.code as SiteErrorCode, error.detail, { as: "json" });
  }
}
