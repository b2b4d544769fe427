import type { HostText } from "../texts/host.ts";
import { bearerErrors } from "./bearer.ts";
import type { ErrorTable } from "./definition.ts";

const broken = "Sign-in is broken right now. Please pass the reference on to the people who run this site.";
const again = "This sign-in can’t be finished here. Go back to the page you wanted and open it again.";
const microsoft = "Microsoft can’t be reached right now. Please try again in a few minutes.";
const later = "Sign-in can’t be reached right now. Please try again in a few minutes.";

/** Refusals and faults of the sign-in host. */
export const hostErrors = {
  "host-settings-invalid": {
    status: 503,
    visitor: broken,
    operator:
      "The sign-in host's settings are wrong; each problem is listed. Correct them and deploy it again.",
  },
  "host-fault": {
    status: 503,
    visitor: broken,
    operator: "A fault inside the sign-in host that nothing foresaw. Report it with its name and place.",
  },
  "host-name-unknown": {
    status: 404,
    visitor: "There is nothing here",
    operator:
      "Asked for under another host name than GATE_HOST_ORIGIN's. Old deployments of the host answer so on purpose.",
  },
  "standalone-origin-foreign": {
    status: 503,
    visitor: "Nobody is let in here.",
    operator:
      "Asked for under another origin than GATE_HOST_ORIGIN's: a preview, a deployment's own address or a second domain. A site that signs in for itself answers under one; send the others there by a redirect rule, and give previews the action's gate.",
  },
  "host-path-unknown": {
    status: 404,
    visitor: "There is nothing here",
    operator: "The sign-in host serves nothing but its endpoints under /.auth/.",
  },
  "host-method-refused": {
    status: 405,
    visitor: "There is nothing here",
    operator: "An endpoint was asked with a method that it does not have.",
  },
  "host-origin-foreign": {
    status: 403,
    visitor: "This can only be asked for from the sign-in page itself.",
    operator: "A POST came without the sign-in host's own Origin: another site tried to act for the visitor.",
  },
  "host-not-navigation": {
    status: 403,
    visitor: "Open this page in a tab of its own.",
    operator:
      "authorize or callback was asked by something else than a top-level GET navigation (Sec-Fetch-Mode navigate, -Dest document): a frame, a script, or a browser without Fetch Metadata.",
  },
  ...bearerErrors,
  "session-request-invalid": {
    status: 400,
    visitor: "This request can’t be read.",
    operator:
      "The body of session is no JSON object, or a field of it is missing or malformed: origin (as browsers write it), challenge (base64url of SHA-256), environment (preview or production; may be left out). The detail names it.",
  },
  "authorize-parameters-invalid": {
    status: 400,
    visitor: again,
    operator: "A parameter of authorize is missing, doubled or malformed; the detail names it.",
  },
  "site-unknown": {
    status: 403,
    visitor: "This sign-in page doesn’t know the site that sent you here.",
    operator:
      "No row of the sites table has this origin: neither an exact production origin nor one label under a project's subdomain. If it is a site of yours, run the action on its default branch.",
  },
  "site-ambiguous": {
    status: 403,
    visitor: "This sign-in page can’t tell which site sent you here.",
    operator: "Two rows of the sites table claim this origin; remove the wrong one.",
  },
  "site-environment-closed": {
    status: 403,
    visitor: "Nobody is let in here.",
    operator:
      "The site's policy on its default branch has no rules for this environment, or does not gate it.",
  },
  "audit-refused": {
    status: 403,
    visitor: "You have no access to this page",
    operator:
      "Somebody who is in no site's audit.viewers asked for the audit page. Name a group or role of his in gate.json, key audit.viewers, on the default branch, and run the action there.",
  },
  "audit-session-lost": {
    status: 400,
    visitor: "Please try again, and allow cookies for this site.",
    operator:
      "The browser came back from signing in for the audit page without the session that it was just given.",
  },
  "audit-unavailable": {
    status: 503,
    visitor: "Please try again later, or report the reference.",
    operator:
      "The audit events can't be read from D1 (binding GATE_DB). Check D1's state, and that the action has deployed this host since it was updated, which makes the indexes.",
  },
  "sites-unavailable": {
    status: 503,
    visitor: later,
    operator: "The sites table can't be read from D1 (binding GATE_DB). Check the binding and D1's state.",
  },
  "callback-state-missing": {
    status: 400,
    visitor: again,
    operator: "The callback came without a state, or with one of another shape (CVE-2026-81888).",
  },
  "callback-parameters-invalid": {
    status: 400,
    visitor: again,
    operator: "The callback repeated a parameter or lacks both code and error.",
  },
  "callback-transaction-missing": {
    status: 400,
    visitor: again,
    operator:
      "This browser did not start this sign-in, started it more than 10 minutes ago, used it already, or keeps no cookies.",
  },
  "callback-state-mismatch": {
    status: 400,
    visitor: again,
    operator: "The state does not belong to the transaction that it names: somebody forged a callback.",
  },
  "callback-issuer-wrong": {
    status: 400,
    visitor: again,
    operator: "The callback's iss is not the configured tenant's (RFC 9207): a mix-up of providers.",
  },
  "entra-access-denied": {
    status: 403,
    visitor: "Microsoft did not let this sign-in finish: it was cancelled or access was denied.",
    operator: "Entra answered access_denied: cancelled, consent declined, or kept out by the tenant.",
  },
  "entra-interaction-required": {
    status: 403,
    visitor: "Microsoft needs something more from you before this sign-in can finish. Please try again.",
    operator:
      "Entra answered login_required, interaction_required, consent_required or account_selection_required. If it repeats, check consent for openid and profile, and the tenant's sign-in log.",
  },
  "entra-request-refused": {
    status: 503,
    visitor: broken,
    operator:
      "Entra refused the authorization request (invalid_request, unauthorized_client, invalid_scope …). Check the application's redirect URI, platform 'web' and permissions.",
  },
  "entra-unavailable": {
    status: 503,
    visitor: microsoft,
    operator:
      "Entra could not be reached, took too long, or answered temporarily_unavailable, server_error or 429.",
  },
  "entra-error-unknown": {
    status: 503,
    visitor: broken,
    operator: "Entra answered with an error that is not in any list; the tenant's sign-in log has more.",
  },
  "host-secret-wrong": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS7000215: Entra does not accept ENTRA_CLIENT_SECRET. Run the action on the default branch, which makes a new one; by hand, store the secret's value, not its id.",
  },
  "host-secret-expired": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS7000222: the client secret named by GATE_ENTRA_KEY_ID has expired. Run the action on the default branch, which rotates it.",
  },
  "host-secret-missing": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS7000218: no credential reached Entra. Check ENTRA_CLIENT_SECRET and the platform ('web').",
  },
  "host-federation-unknown": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS70021, 70025, 700211 to 700213, 501661: the application has no federated credential for the host's own token (issuer GATE_HOST_ORIGIN, subject entra-gate-sign-in-host, audience api://AzureADTokenExchange), it is minutes old, or Entra can't read /.well-known/openid-configuration there. Run the action on the default branch.",
  },
  "host-certificate-wrong": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS700027: Entra has no certificate for the key in ENTRA_CLIENT_KEY, or its signature is not that certificate's. Run the action on the default branch, which makes a new one; by hand, upload the certificate that belongs to the key.",
  },
  "host-certificate-expired": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS1000502: the certificate named by GATE_ENTRA_KEY_ID has expired. Run the action on the default branch, which rotates it.",
  },
  "host-assertion-late": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS700024: Entra finds the host's client assertion not valid at this time. It is made anew each time and lives for five minutes: check the clocks.",
  },
  "host-application-unknown": {
    status: 503,
    visitor: broken,
    operator: "AADSTS700016: the tenant has no application with the id in ENTRA_CLIENT_ID. Check both ids.",
  },
  "host-tenant-unknown": {
    status: 503,
    visitor: broken,
    operator: "AADSTS90002: Entra knows no tenant with the id in ENTRA_TENANT_ID. Check it and ENTRA_CLOUD.",
  },
  "host-redirect-uri-unknown": {
    status: 503,
    visitor: broken,
    operator:
      "AADSTS50011: the host's /.auth/callback is not among the application's redirect URIs, or was added less than five minutes ago.",
  },
  "entra-client-refused": {
    status: 503,
    visitor: broken,
    operator: "Entra refused the host's credential for another reason; look the AADSTS number up.",
  },
  "entra-code-refused": {
    status: 400,
    visitor: again,
    operator:
      "Entra did not take the code: used already, older than 10 minutes, or not made for this verifier.",
  },
  "entra-answer-invalid": {
    status: 503,
    visitor: broken,
    operator:
      "The token endpoint's answer is not what RFC 6749 and OpenID Connect describe; the detail says where.",
  },
  "entra-keys-unavailable": {
    status: 503,
    visitor: microsoft,
    operator: "The tenant's keys can't be fetched, and there is no set younger than 24 hours to go on with.",
  },
  "id-token-invalid": {
    status: 503,
    visitor: broken,
    operator: "The ID token is not a signed JWT of the one algorithm that is allowed (RS256, with a key id).",
  },
  "id-token-key-unknown": {
    status: 503,
    visitor: broken,
    operator: "The ID token names a key that the tenant does not publish.",
  },
  "id-token-signature": {
    status: 503,
    visitor: broken,
    operator: "The ID token's signature is not by the key that it names.",
  },
  "id-token-issuer": {
    status: 503,
    visitor: broken,
    operator: "The ID token was issued by somebody else than the configured tenant.",
  },
  "id-token-audience": {
    status: 503,
    visitor: broken,
    operator: "The ID token was issued for another application.",
  },
  "id-token-tenant": {
    status: 503,
    visitor: broken,
    operator: "The ID token's tid is not the configured tenant.",
  },
  "id-token-nonce": {
    status: 400,
    visitor: again,
    operator: "The ID token does not carry this sign-in's nonce: a replayed or injected token.",
  },
  "id-token-time": {
    status: 503,
    visitor: broken,
    operator:
      "The ID token is expired or not valid yet, with 60 seconds of leeway. Check Entra's answer and clocks.",
  },
  "id-token-claims": {
    status: 503,
    visitor: broken,
    operator:
      "The ID token lacks a claim that identifies the visitor, or holds one of another shape; see the detail.",
  },
  "visitor-is-app": {
    status: 403,
    visitor: "Only people can sign in here.",
    operator: "The ID token's idtyp says that it was issued to an application.",
  },
  "graph-unavailable": {
    status: 503,
    visitor: microsoft,
    operator:
      "The visitor is in more groups than Entra puts into a token, and Microsoft Graph, which has the list, did not answer in 5 seconds, throttled the request (429) or failed. It passes; app roles don't need Graph.",
  },
  "graph-refused": {
    status: 503,
    visitor: broken,
    operator:
      "The visitor is in more groups than Entra puts into a token, and Microsoft Graph refused to list them. An administrator consents to the delegated permission User.Read for the application; check GRAPH_URL and ENTRA_CLOUD.",
  },
  "graph-answer-invalid": {
    status: 503,
    visitor: broken,
    operator:
      "The visitor is in more groups than Entra puts into a token, and Microsoft Graph's list of them is cut short or no list of object ids; the detail says where.",
  },
  "entry-refused": {
    status: 403,
    visitor: "You are signed in, but this site’s rules don’t let you in.",
    operator: "No rule of the default branch's policy for this environment admits the visitor.",
  },
  "entry-refused-groups-missing": {
    status: 403,
    visitor: "You are signed in, but this site’s rules don’t let you in.",
    operator:
      "No rule admits the visitor, and the ID token had no groups claim at all. If he should be in one of the policy's groups, check groupMembershipClaims (SecurityGroup) on the application.",
  },
  "session-too-large": {
    status: 503,
    visitor: broken,
    operator: "What has to be kept of this visitor does not fit into one cookie, even for this site alone.",
  },
  "ticket-too-large": {
    status: 503,
    visitor: broken,
    operator: "The visitor's groups and roles do not fit into one ticket; name fewer in this site's policy.",
  },
  "cookie-key-expired": {
    status: 503,
    visitor: broken,
    operator:
      "The key named by GATE_COOKIE_ACTIVE is older than 180 days, so the host no longer uses it. Run the action on the default branch; by hand, `entra-gate keygen` makes another.",
  },
  "signing-key-expired": {
    status: 503,
    visitor: broken,
    operator:
      "The key named by GATE_SIGNING_ACTIVE is older than 180 days, so sites no longer accept it. Run the action on the default branch; by hand, `entra-gate keygen` makes another.",
  },
} as const satisfies ErrorTable<HostText>;

export type HostErrorCode = keyof typeof hostErrors;
