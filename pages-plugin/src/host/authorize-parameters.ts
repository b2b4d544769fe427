import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import type { StepUp } from "../../../contract/policy/model.ts";
import { asking, authorizeParameters } from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";
import { parseOrigin } from "../http/origin.ts";
import { attemptsIn } from "../http/retry.ts";
import type { TicketRequest } from "../session/host-transaction.ts";

/** A site's transaction id stands in a form field and in a cookie's name there. */
const txShape = /^[A-Za-z0-9_-]{1,64}$/;
/** SHA-256 in base64url (RFC 7636 section 4.2). */
export const challengeShape = /^[A-Za-z0-9_-]{43}$/;

export interface AuthorizeParameters extends TicketRequest {
  readonly stepUp: StepUp;
  /** What the visitor himself asked for by a link. */
  readonly ask: keyof typeof asking | undefined;
  /** How often a page of this host tried again by itself. */
  readonly attempts: number;
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
  const ask = query.has(names.ask) ? single(query, names.ask) : undefined;
  if (ask !== undefined && ask !== asking.account && ask !== asking.again) return wrong(names.ask);
  const within = query.has(names.within) ? single(query, names.within) : undefined;
  const context = query.has(names.context) ? single(query, names.context) : undefined;
  if (within !== undefined && !/^[1-9]\d{0,5}$/.test(within)) return wrong(names.within);
  if (context !== undefined && !/^c[1-9]\d?$/.test(context)) return wrong(names.context);
  return {
    stepUp: {
      ...(within === undefined ? {} : { signedInWithin: Number(within) }),
      ...(context === undefined ? {} : { authContext: context }),
    },
    origin,
    environment,
    tx: txShape.test(tx) ? tx : wrong(names.transaction),
    challenge: challengeShape.test(challenge) ? challenge : wrong(names.challenge),
    ask,
    attempts: attemptsIn(query),
  };
}

/**
 * The address under which the same ticket can be asked for: with another account, after asking Entra again, or once more.
 *
 * @param ask what the visitor's click or the page wants; undefined: nothing particular
 */
export function askingPath(
  wanted: TicketRequest,
  ask: keyof typeof asking | undefined,
  { signedInWithin, authContext }: StepUp = {},
): string {
  const query = new URLSearchParams({
    [authorizeParameters.origin]: wanted.origin,
    [authorizeParameters.environment]: wanted.environment,
    [authorizeParameters.transaction]: wanted.tx,
    [authorizeParameters.challenge]: wanted.challenge,
    ...(ask && { [authorizeParameters.ask]: ask }),
    ...(signedInWithin && { [authorizeParameters.within]: String(signedInWithin) }),
    ...(authContext && { [authorizeParameters.context]: authContext }),
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
