import type { SiteText } from "../texts/site.ts";
import type { AnswerTable } from "./definition.ts";

const signIn = "Sign in to see this page";
const noAccess = "You have no access to this page";
const nothing = "There is nothing here";
const again = "Please try again, and allow cookies for this site.";
const later = "Please try again later, or report the reference.";
const unreachable = "Sign-in can’t be reached.";

/**
 * Refusals and faults of a gated deployment, as its visitors meet them. What the operator reads stands in site.ts, out
 * of every site's bundle: the log has the code, and `entra-gate explain` the text.
 */
export const siteAnswers = {
  "sign-in-required": { status: 401, visitor: signIn },
  "session-expired": { status: 401, visitor: signIn },
  "session-invalid": { status: 401, visitor: signIn },
  "session-not-counted": { status: 401, visitor: signIn },
  "not-admitted": { status: 403, visitor: noAccess },
  "step-up-required": { status: 401, visitor: signIn },
  "no-rule": { status: 403, visitor: noAccess },
  "preview-expired": { status: 410, visitor: "This preview has ended" },
  "path-ambiguous": { status: 400, visitor: nothing },
  "auth-path-unknown": { status: 404, visitor: nothing },
  "fallback-closed": { status: 404, visitor: nothing },
  "site-method-refused": { status: 405, visitor: nothing },
  "login-not-navigation": { status: 403, visitor: noAccess },
  "accept-origin-foreign": { status: 403, visitor: again },
  "accept-form-invalid": { status: 400, visitor: again },
  "accept-transaction-missing": { status: 400, visitor: again },
  "accept-cookie-missing": { status: 400, visitor: again },
  "accept-session-too-large": { status: 503, visitor: later },
  "session-origin-foreign": { status: 403, visitor: noAccess },
  "session-form-invalid": { status: 400, visitor: again },
  "ticket-late": { status: 400, visitor: again },
  "ticket-malformed": { status: 400, visitor: again },
  "ticket-signature": { status: 400, visitor: again },
  "ticket-key-unknown": { status: 400, visitor: again },
  "ticket-issuer": { status: 400, visitor: again },
  "ticket-audience": { status: 400, visitor: again },
  "ticket-environment": { status: 400, visitor: again },
  "ticket-challenge": { status: 400, visitor: again },
  "logout-origin-foreign": { status: 403, visitor: noAccess },
  "card-missing": { status: 404, visitor: nothing },
  "keys-unavailable": { status: 503, visitor: unreachable },
  "sign-in-host-unavailable": { status: 503, visitor: unreachable },
  "site-settings-invalid": { status: 503, visitor: later },
  "site-threw": { status: 500, visitor: later },
  "site-fault": { status: 503, visitor: later },
} as const satisfies AnswerTable<SiteText>;

export type SiteErrorCode = keyof typeof siteAnswers;
