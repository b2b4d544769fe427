import { base64url } from "jose";
import { GateFault } from "../http/fault.ts";
import { parseOrigin } from "../http/origin.ts";
import { errorOfAuthorizationResponse } from "./entra-errors.ts";
import { constantTimeEqual } from "./random.ts";

const singleParameters = ["state", "code", "error", "iss"] as const;
const stateShape = /^([0-9a-z]{8,24})\.([A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{1,400}))?$/;

declare const validated: unique symbol;

/** Parameters of a callback that belong to a transaction of this browser; only `validateAuthorizationResponse` makes them. */
export interface ValidatedResponse {
  readonly code: string;
  readonly [validated]: true;
}

/** Which transaction a callback says that it belongs to. */
export interface ClaimedState {
  readonly id: string;
  readonly random: string;
  /** Of a site, if it is one: anybody can write a state, so it is good for a link on a page and for nothing else. */
  readonly origin?: string;
}

/**
 * The `state` parameter: which transaction, a secret that only it holds, and the site that asked, so that a browser
 * that kept no transaction can still be shown the way back.
 */
export function makeState(id: string, random: string, origin: string): string {
  return `${id}.${random}.${base64url.encode(origin)}`;
}

/**
 * The first step of a callback: nothing else of it is looked at before its state is there and of the right shape.
 *
 * @throws GateFault `callback-parameters-invalid` where a parameter is repeated (RFC 6749 section 3.1),
 *   `callback-state-missing` where there is no state or it is none of ours
 */
export function readState(parameters: URLSearchParams): ClaimedState {
  for (const name of singleParameters) {
    if (parameters.getAll(name).length > 1)
      throw new GateFault("callback-parameters-invalid", `${name} repeated`);
  }
  const match = stateShape.exec(parameters.get("state") ?? "");
  if (!match?.[1] || !match[2]) throw new GateFault("callback-state-missing");
  const origin = originIn(match[3]);
  return { id: match[1], random: match[2], ...(origin === undefined ? {} : { origin }) };
}

function originIn(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  try {
    return parseOrigin(new TextDecoder().decode(base64url.decode(encoded)));
  } catch {
    return undefined;
  }
}

/**
 * The rest of a callback, in the order of OpenID Connect Core 3.1.2.7 and RFC 9700: state, issuer, error, code.
 *
 * @param expected what the browser's transaction cookie holds
 * @throws GateFault `callback-state-mismatch`, `callback-issuer-wrong` (RFC 9207: optional, but never wrong), the code
 *   that stands for Entra's `error`, or `callback-parameters-invalid` where there is no code
 */
export function validateAuthorizationResponse(
  parameters: URLSearchParams,
  expected: { readonly random: string; readonly issuer: string },
): ValidatedResponse {
  const state = readState(parameters);
  if (!constantTimeEqual(state.random, expected.random)) throw new GateFault("callback-state-mismatch");
  const issuer = parameters.get("iss");
  if (issuer !== null && issuer !== expected.issuer) throw new GateFault("callback-issuer-wrong");
  const error = parameters.get("error");
  if (error !== null) throw errorOfAuthorizationResponse(error);
  const code = parameters.get("code");
  if (!code || code.length > 8192) throw new GateFault("callback-parameters-invalid", "no code");
  return { code } as ValidatedResponse;
}
