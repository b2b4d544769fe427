import type { ErrorTable } from "./definition.ts";

const broken =
  "This site can’t let anybody in right now. Please pass the reference on to the people who run it.";
const again = "This sign-in can’t be finished here. Go back to the page you wanted and open it again.";

/** Refusals and faults of a gated deployment. */
export const siteErrors = {
  "sign-in-required": {
    status: 401,
    visitor: "Sign in to see this page.",
    operator: "Nobody is signed in, and no rule lets anyone see this path.",
  },
  "session-expired": {
    status: 401,
    visitor: "Your sign-in has to be renewed.",
    operator: "The session's ticket is older than recheck or lifetime allow; signing in again renews it.",
  },
  "session-invalid": {
    status: 401,
    visitor: "Sign in to see this page.",
    operator:
      "The session cookie is no ticket of this sign-in host for this very origin and environment, its verifier is wrong, it was sent twice, or its key is no longer in use.",
  },
  "session-not-counted": {
    status: 401,
    visitor: "Open this page in a tab of its own.",
    operator:
      "The request carries a session but was started by another origin (Sec-Fetch-Site or Origin), and is no top-level GET: a session does not count then.",
  },
  "not-admitted": {
    status: 403,
    visitor: "You are signed in, but the rules of this site don’t let you see this page.",
    operator: "The rule that covers this path does not admit the visitor.",
  },
  "no-rule": {
    status: 403,
    visitor: "Nobody is let in here.",
    operator:
      "No rule of this environment covers the path, so it is denied. Add a rule to gate.json if it should be seen.",
  },
  "path-ambiguous": {
    status: 400,
    visitor: "This address can be read in more than one way, so it is not answered.",
    operator:
      "The path's encoding could be read differently by what is behind the gate; the reason is in the detail.",
  },
  "auth-path-unknown": {
    status: 404,
    visitor: "There is nothing here.",
    operator: "Everything below /.auth/ is the gate's, in any spelling; this is none of its endpoints.",
  },
  "fallback-closed": {
    status: 404,
    visitor: "There is nothing here.",
    operator:
      "The path is open but has no file; the asset server answered with /index.html or a 404.html that the visitor may not see.",
  },
  "site-method-refused": {
    status: 405,
    visitor: "This can’t be done here.",
    operator: "An endpoint was asked with a method that it does not have.",
  },
  "login-not-navigation": {
    status: 403,
    visitor: "Open this address in a tab of its own.",
    operator: "login was asked by something else than a document navigation: a frame, a script or a form.",
  },
  "accept-origin-foreign": {
    status: 403,
    visitor: again,
    operator:
      "A ticket was posted by another origin than the sign-in host's: a forged accept or a wrong GATE_SIGN_IN_ORIGIN.",
  },
  "accept-form-invalid": {
    status: 400,
    visitor: again,
    operator:
      "accept got no urlencoded form with one ticket and one transaction of the right shape and size.",
  },
  "accept-transaction-missing": {
    status: 400,
    visitor:
      "This browser did not start this sign-in, has used it already, or took longer than ten minutes. If that keeps happening, it may be blocking cookies.",
    operator:
      "No transaction cookie of that id: lost, expired, blocked, used, or a ticket pushed onto another browser.",
  },
  "accept-cookie-missing": {
    status: 400,
    visitor:
      "You signed in, but your browser did not keep the cookie that this site needs. Allow cookies for it and try again.",
    operator: "The session cookie that accept had just set did not come back.",
  },
  "accept-session-too-large": {
    status: 503,
    visitor: broken,
    operator:
      "The ticket does not fit into a cookie of 4 KB. Name fewer groups and roles in this site's policy.",
  },
  "ticket-late": {
    status: 400,
    visitor: again,
    operator: "The ticket reached accept after accept_by or after its end. If it repeats, check both clocks.",
  },
  "ticket-malformed": {
    status: 400,
    visitor: again,
    operator:
      "What came as a ticket is no signed JWT of the one type and algorithm that is allowed, or lacks a claim.",
  },
  "ticket-signature": {
    status: 400,
    visitor: again,
    operator: "The ticket's signature is not by the key that it names.",
  },
  "ticket-key-unknown": {
    status: 400,
    visitor: again,
    operator: "The ticket names a key that the sign-in host does not publish.",
  },
  "ticket-issuer": {
    status: 400,
    visitor: again,
    operator: "The ticket is not from this site's sign-in host.",
  },
  "ticket-audience": {
    status: 400,
    visitor: again,
    operator:
      "The ticket was made for another origin: another preview's, or the alias's instead of the hash's.",
  },
  "ticket-environment": {
    status: 400,
    visitor: again,
    operator: "The ticket was made for another environment than this deployment's.",
  },
  "ticket-challenge": {
    status: 400,
    visitor: again,
    operator: "The ticket was made for another browser: S256(verifier) is not its challenge.",
  },
  "logout-origin-foreign": {
    status: 403,
    visitor: "Sign out from this site itself.",
    operator:
      "A sign-out was posted without this site's own Origin: another site tried to act for the visitor.",
  },
  "card-missing": {
    status: 404,
    visitor: "There is nothing here.",
    operator: "This deployment holds no link card.",
  },
  "keys-unavailable": {
    status: 503,
    visitor: "Sign-in can’t be checked right now. Please try again in a few minutes.",
    operator:
      "The sign-in host's keys can't be fetched, and no pinned key that is still valid stands in. Check the host's /.auth/jwks.",
  },
  "site-settings-invalid": {
    status: 503,
    visitor: broken,
    operator:
      "The gate's settings or policy are missing, wrong or contradict each other; each problem is listed.",
  },
  "site-threw": {
    status: 500,
    visitor: "This page has an error. Please pass the reference on to the people who run this site.",
    operator:
      "The code behind the gate threw; this is not the gate's own fault. What it threw is in the detail.",
  },
  "site-fault": {
    status: 503,
    visitor: broken,
    operator: "A fault inside the gate that nothing foresaw. Report it with its name and place.",
  },
} as const satisfies ErrorTable;

export type SiteErrorCode = keyof typeof siteErrors;
