import type { AnswerTable } from "./definition.ts";

const broken = "Please pass the reference on to the people who run this site.";
const again = "This sign-in can’t be finished here. Open the page you wanted again.";

/**
 * Refusals and faults of a gated deployment, as its visitors meet them. What the operator reads stands in site.ts, out
 * of every site's bundle: the log has the code, and `entra-gate explain` the text.
 */
export const siteAnswers = {
  "sign-in-required": {
    status: 401,
    visitor: "Sign in to see this page.",
  },
  "session-expired": {
    status: 401,
    visitor: "Your sign-in has to be renewed.",
  },
  "session-invalid": {
    status: 401,
    visitor: "Sign in to see this page.",
  },
  "session-not-counted": {
    status: 401,
    visitor: "Open this page in a tab of its own.",
  },
  "not-admitted": {
    status: 403,
    visitor: "The rules of this site don’t let you see this page.",
  },
  "step-up-required": {
    status: 401,
    visitor: "Sign in again to see this page.",
  },
  "no-rule": {
    status: 403,
    visitor: "Nobody is let in here.",
  },
  "preview-expired": {
    status: 410,
    visitor: "A new push makes a new one.",
  },
  "path-ambiguous": {
    status: 400,
    visitor: "This address can be read in more than one way.",
  },
  "auth-path-unknown": {
    status: 404,
    visitor: "There is nothing here.",
  },
  "fallback-closed": {
    status: 404,
    visitor: "There is nothing here.",
  },
  "site-method-refused": {
    status: 405,
    visitor: "This can’t be done here.",
  },
  "login-not-navigation": {
    status: 403,
    visitor: "Open this address in a tab of its own.",
  },
  "accept-origin-foreign": {
    status: 403,
    visitor: again,
  },
  "accept-form-invalid": {
    status: 400,
    visitor: again,
  },
  "accept-transaction-missing": {
    status: 400,
    visitor:
      "This sign-in is not this browser’s, is used up, or took over ten minutes. Cookies may be blocked.",
  },
  "accept-cookie-missing": {
    status: 400,
    visitor: "Your browser did not keep this site’s cookie. Allow cookies and try again.",
  },
  "accept-session-too-large": {
    status: 503,
    visitor: broken,
  },
  "ticket-late": {
    status: 400,
    visitor: again,
  },
  "ticket-malformed": {
    status: 400,
    visitor: again,
  },
  "ticket-signature": {
    status: 400,
    visitor: again,
  },
  "ticket-key-unknown": {
    status: 400,
    visitor: again,
  },
  "ticket-issuer": {
    status: 400,
    visitor: again,
  },
  "ticket-audience": {
    status: 400,
    visitor: again,
  },
  "ticket-environment": {
    status: 400,
    visitor: again,
  },
  "ticket-challenge": {
    status: 400,
    visitor: again,
  },
  "logout-origin-foreign": {
    status: 403,
    visitor: "Sign out from this site itself.",
  },
  "card-missing": {
    status: 404,
    visitor: "There is nothing here.",
  },
  "keys-unavailable": {
    status: 503,
    visitor: "Please try again in a few minutes.",
  },
  "site-settings-invalid": {
    status: 503,
    visitor: broken,
  },
  "site-threw": {
    status: 500,
    visitor: "This page has an error. Please pass the reference on to the people who run this site.",
  },
  "site-fault": {
    status: 503,
    visitor: broken,
  },
} as const satisfies AnswerTable;

export type SiteErrorCode = keyof typeof siteAnswers;
