import type { ErrorDefinition } from "./definition.ts";
import { type SiteErrorCode, siteAnswers } from "./site-answers.ts";

const operatorTexts: Readonly<Record<SiteErrorCode, string>> = {
  "sign-in-required": "Nobody is signed in, and no rule lets anyone see this path.",
  "session-expired":
    "The session's ticket is older than recheck or lifetime allow; signing in again renews it.",
  "session-invalid":
    "The session cookie is no ticket of this sign-in host for this very origin and environment, its verifier is wrong, it was sent twice, or its key is no longer in use.",
  "session-not-counted":
    "The request carries a session but was started by another origin (Sec-Fetch-Site or Origin), and is no top-level GET: a session does not count then.",
  "not-admitted": "The rule that covers this path does not admit the visitor.",
  "step-up-required":
    "The rule has signedInWithin or authContext and the visitor's ticket does not meet it. If signing in again doesn't help: the application must send auth_time and acrs (optional claims), the default branch's policy must name the same values, and for authContext the tenant needs a Conditional Access policy for it.",
  "no-rule":
    "No rule of this environment covers the path, so it is denied. Add a rule to gate.json if it should be seen.",
  "preview-expired":
    "The deployment is older than preview.expires in gate.json allows. Push to the branch again, or run its workflow again.",
  "path-ambiguous":
    "The path's encoding could be read differently by what is behind the gate; the reason is in the detail.",
  "auth-path-unknown":
    "Everything below /.auth/ is the gate's, in any spelling; this is none of its endpoints.",
  "fallback-closed":
    "The path is open but has no file; the asset server answered with /index.html or a 404.html that the visitor may not see.",
  "site-method-refused": "An endpoint was asked with a method that it does not have.",
  "login-not-navigation":
    "login was asked by something else than a document navigation: a frame, a script or a form.",
  "accept-origin-foreign":
    "A ticket was posted by another origin than the sign-in host's: a forged accept or a wrong GATE_SIGN_IN_ORIGIN.",
  "accept-form-invalid":
    "accept got no urlencoded form with one ticket and one transaction of the right shape and size.",
  "accept-transaction-missing":
    "No transaction cookie of that id: lost, expired, blocked, used, or a ticket pushed onto another browser.",
  "accept-cookie-missing": "The session cookie that accept had just set did not come back.",
  "accept-session-too-large":
    "The ticket does not fit into a cookie of 4 KB. Name fewer groups and roles in this site's policy.",
  "session-origin-foreign":
    "A ticket was posted to session from another origin's page. It takes requests of programs and of this site itself.",
  "session-form-invalid":
    "session got no JSON object with a ticket and its verifier, or one that is too large.",
  "ticket-late":
    "The ticket reached accept after accept_by or after its end. If it repeats, check both clocks.",
  "ticket-malformed":
    "What came as a ticket is no signed JWT of the one type and algorithm that is allowed, or lacks a claim.",
  "ticket-signature": "The ticket's signature is not by the key that it names.",
  "ticket-key-unknown": "The ticket names a key that the sign-in host does not publish.",
  "ticket-issuer": "The ticket is not from this site's sign-in host.",
  "ticket-audience":
    "The ticket was made for another origin: another preview's, or the alias's instead of the hash's.",
  "ticket-environment": "The ticket was made for another environment than this deployment's.",
  "ticket-challenge": "The ticket was made for another browser: S256(verifier) is not its challenge.",
  "logout-origin-foreign":
    "A sign-out was posted without this site's own Origin: another site tried to act for the visitor.",
  "card-missing": "This deployment holds no link card.",
  "keys-unavailable":
    "The sign-in host's keys can't be fetched, and no pinned key that is still valid stands in; or, for a bearer token, the tenant's can't. Check the host's /.auth/jwks, or Entra's /discovery/v2.0/keys.",
  "sign-in-host-unavailable":
    "The sign-in host gave no answer or failed (5xx), so nobody was sent there. Whoever is signed in goes on until his session ends. Check the host's /.auth/status, its deployment and its settings.",
  "site-settings-invalid":
    "The gate's settings or policy are missing, wrong or contradict each other; each problem is listed.",
  "site-threw":
    "The code behind the gate threw; this is not the gate's own fault. What it threw is in the detail.",
  "site-fault": "A fault inside the gate that nothing foresaw. Report it with its name and place.",
};

/** Refusals and faults of a gated deployment, with what the operator reads. */
export const siteErrors = Object.fromEntries(
  Object.entries(siteAnswers).map(([code, answer]) => [
    code,
    { ...answer, operator: operatorTexts[code as SiteErrorCode] },
  ]),
) as Readonly<Record<SiteErrorCode, ErrorDefinition>>;
