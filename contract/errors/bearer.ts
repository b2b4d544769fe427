import { type BearerErrorCode, bearerStatus } from "./bearer-codes.ts";
import type { ErrorDefinition } from "./definition.ts";

const operatorTexts: Readonly<Record<BearerErrorCode, string>> = {
  "bearer-missing":
    "The request carries no bearer token. Send `Authorization: Bearer` with an access token that Entra issued for the gate's application.",
  "bearer-several": "The request carries several Authorization values; exactly one is read.",
  "bearer-malformed":
    "What came as a bearer token is no signed JWT: wrong characters, parts that are no JSON, too long, or extensions that nobody knows here.",
  "bearer-ticket":
    "A ticket or a site's session was sent as a bearer token. It is good for one site's session only; ask Entra for an access token.",
  "bearer-host-session": "A cookie of the sign-in host was sent as a bearer token.",
  "bearer-unsigned": "The token says that it is not signed (alg none).",
  "bearer-algorithm":
    "The token is signed by another algorithm than RS256; with HS256 somebody may have used a public key as a secret.",
  "bearer-tenant":
    "The token is of another tenant. Ask for it at this tenant's own token endpoint, not at /common or /organizations.",
  "bearer-issuer":
    "The token's issuer does not go with its version (ver) for the configured tenant and cloud.",
  "bearer-graph-token":
    "The token is for Microsoft Graph. Ask for one for the gate's application: scope api://<client id>/.default or <client id>/.default.",
  "bearer-audience":
    "The token is for another application. Its aud must be the gate application's client id, or api:// and that id.",
  "bearer-id-token":
    "An ID token was sent: it says who signed in to an application and opens no API. Send the access token.",
  "bearer-expired": "The token has expired. Ask Entra for a new one.",
  "bearer-stale":
    "The token is older than the policy's session.recheck allows. Ask Entra for a new one; Entra dates tokens five minutes back, so a recheck shorter than that lets no token in.",
  "bearer-not-yet-valid":
    "The token is not valid yet, with 60 seconds of leeway. Check the clocks of whoever made it.",
  "bearer-kind-unknown":
    "The token does not say whether an application or a person is behind it: neither scp nor idtyp app, or both. Have idtyp among the application's optional claims of access tokens; the action sees to it.",
  "bearer-claims":
    "The token lacks a claim that the gate needs, or holds one of another shape; the detail names it.",
  "bearer-key-unknown": "The token names a key that the tenant does not publish.",
  "bearer-signature": "The token's signature is not by the key that it names.",
};

/** Why a bearer token was refused, at the sign-in host and at a production that takes tokens. */
export const bearerErrors = Object.fromEntries(
  Object.entries(operatorTexts).map(([code, operator]) => [
    code,
    { status: bearerStatus(code), visitor: "This token is not accepted.", operator },
  ]),
) as Readonly<Record<BearerErrorCode, ErrorDefinition<"This token is not accepted.">>>;
