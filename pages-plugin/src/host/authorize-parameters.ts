import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { authorizeParameters } from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";
import { parseOrigin } from "../http/origin.ts";
import type { TicketRequest } from "../session/host-transaction.ts";

/** Set by the host's own link for trying another account. */
const accountParameter = "account";
const chooseAccount = "choose";

/** A site's transaction id stands in a form field and in a cookie's name there. */
const txShape = /^[A-Za-z0-9_-]{1,64}$/;
/** SHA-256 in base64url (RFC 7636 section 4.2). */
const challengeShape = /^[A-Za-z0-9_-]{43}$/;

export interface AuthorizeParameters extends TicketRequest {
  readonly chooseAccount: boolean;
}

/**
 * Reads what a site asks for; every parameter once and in its exact shape.
 *
 * @throws GateFault `authorize-parameters-invalid` naming the parameter
 */
export function readAuthorizeParameters(query: URLSearchParams): AuthorizeParameters {
  const names = authorizeParameters;
  const origin = parseOrigin(single(query, names.origin)) ?? wrong(names.origin);
  const environment = single(query, names.environment);
  if (environment !== "preview" && environment !== "production") return wrong(names.environment);
  const tx = single(query, names.transaction);
  const challenge = single(query, names.challenge);
  const account = query.has(accountParameter) ? single(query, accountParameter) : undefined;
  return {
    origin,
    environment,
    tx: txShape.test(tx) ? tx : wrong(names.transaction),
    challenge: challengeShape.test(challenge) ? challenge : wrong(names.challenge),
    chooseAccount: account === chooseAccount,
  };
}

/** The address under which the same ticket can be asked for with another account. */
export function otherAccountPath(wanted: TicketRequest): string {
  const query = new URLSearchParams({
    [authorizeParameters.origin]: wanted.origin,
    [authorizeParameters.environment]: wanted.environment,
    [authorizeParameters.transaction]: wanted.tx,
    [authorizeParameters.challenge]: wanted.challenge,
    [accountParameter]: chooseAccount,
  });
  return `${hostEndpoints.authorize}?${query}`;
}

function single(query: URLSearchParams, name: string): string {
  const [value, ...more] = query.getAll(name);
  return value === undefined || more.length > 0 ? wrong(name) : value;
}

function wrong(name: string): never {
  throw new GateFault("authorize-parameters-invalid", name);
}
