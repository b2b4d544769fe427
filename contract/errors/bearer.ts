import type { ErrorTable } from "./definition.ts";

const refused = "This token is not accepted.";

function invalid(operator: string) {
  return { status: 401, visitor: refused, operator } as const;
}

/**
 * Why a bearer token was refused: at the sign-in host's `/.auth/session`, and at a production that takes tokens.
 * Statuses are those of RFC 6750 section 3.1.
 */
export const bearerErrors = {
  "bearer-missing": invalid(
    "The request carries no bearer token. Send `Authorization: Bearer` with an access token that Entra issued for the gate's application.",
  ),
  "bearer-several": {
    status: 400,
    visitor: refused,
    operator: "The request carries several Authorization values; exactly one is read.",
  },
  "bearer-malformed": invalid(
    "What came as a bearer token is no signed JWT: wrong characters, parts that are no JSON, too long, or extensions that nobody knows here.",
  ),
  "bearer-ticket": invalid(
    "A ticket or a site's session was sent as a bearer token. It is good for one site's session only; ask Entra for an access token.",
  ),
  "bearer-host-session": invalid("A cookie of the sign-in host was sent as a bearer token."),
  "bearer-unsigned": invalid("The token says that it is not signed (alg none)."),
  "bearer-algorithm": invalid(
    "The token is signed by another algorithm than RS256; with HS256 somebody may have used a public key as a secret.",
  ),
  "bearer-tenant": invalid(
    "The token is of another tenant. Ask for it at this tenant's own token endpoint, not at /common or /organizations.",
  ),
  "bearer-issuer": invalid(
    "The token's issuer does not go with its version (ver) for the configured tenant and cloud.",
  ),
  "bearer-graph-token": invalid(
    "The token is for Microsoft Graph. Ask for one for the gate's application: scope api://<client id>/.default or <client id>/.default.",
  ),
  "bearer-audience": invalid(
    "The token is for another application. Its aud must be the gate application's client id, or api:// and that id.",
  ),
  "bearer-id-token": invalid(
    "An ID token was sent: it says who signed in to an application and opens no API. Send the access token.",
  ),
  "bearer-expired": invalid("The token has expired. Ask Entra for a new one."),
  "bearer-stale": invalid(
    "The token is older than the policy's session.recheck allows. Ask Entra for a new one; Entra dates tokens five minutes back, so a recheck shorter than that lets no token in.",
  ),
  "bearer-not-yet-valid": invalid(
    "The token is not valid yet, with 60 seconds of leeway. Check the clocks of whoever made it.",
  ),
  "bearer-kind-unknown": invalid(
    "The token does not say whether an application or a person is behind it: neither scp nor idtyp app, or both. Have idtyp among the application's optional claims of access tokens; the action sees to it.",
  ),
  "bearer-claims": invalid(
    "The token lacks a claim that the gate needs, or holds one of another shape; the detail names it.",
  ),
  "bearer-key-unknown": invalid("The token names a key that the tenant does not publish."),
  "bearer-signature": invalid("The token's signature is not by the key that it names."),
} as const satisfies ErrorTable;

export type BearerErrorCode = keyof typeof bearerErrors;
