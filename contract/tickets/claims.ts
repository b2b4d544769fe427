import type { Environment, VisitorKind } from "../policy/model.ts";

/** `typ` of a ticket (RFC 8725 3.11: one kind of token is never accepted as another). */
export const ticketType = "entra-gate-ticket+jwt";
export const ticketAlgorithm = "RS256";

/** Seconds between a ticket's issue and the moment a site must have accepted it. */
export const acceptWithin = 60;

/** Claims of a ticket: what the sign-in host tells one site about one visitor (RFC 7519). */
export interface TicketClaims {
  /** The sign-in host's origin. */
  readonly iss: string;
  /** The site's origin. */
  readonly aud: string;
  readonly environment: Environment;
  readonly tid: string;
  readonly oid: string;
  readonly name: string;
  readonly kind: VisitorKind;
  readonly app?: string;
  /** Where a program acts for the visitor: those of its scopes that the site's policy names. */
  readonly scopes?: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** 0 where Entra doesn't say. */
  readonly auth_time: number;
  readonly acrs?: readonly string[];
  readonly iat: number;
  /** The earliest of claims time + recheck, sign-in + lifetime, and the end of the key that signed it. */
  readonly exp: number;
  readonly accept_by: number;
  /** `challenge`: base64url(SHA-256(verifier)), so that a ticket is of use only to the browser that asked (as RFC 7636). */
  readonly cnf: { readonly challenge: string };
  readonly jti: string;
}

/** Form fields of the POST to `/.auth/accept`. */
export const acceptFields = { ticket: "ticket", transaction: "tx" } as const;

/** Query parameters of `/.auth/authorize` at the sign-in host. */
export const authorizeParameters = {
  origin: "origin",
  environment: "environment",
  transaction: "tx",
  challenge: "challenge",
  ask: "ask",
  within: "within",
  context: "context",
  /** Counted by the pages that try again by themselves. */
  attempts: "try",
} as const;

/** Values of `ask`, which only a visitor's own click sends: choose another account; ask Entra again, whatever is known. */
export const asking = { account: "account", again: "again" } as const;
