import { cookies } from "../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../contract/names/endpoints.ts";
import { answerHeaders, identityHeaders } from "../../contract/names/headers.ts";
import { variables } from "../../contract/names/variables.ts";
import { code, table } from "./markdown.ts";

/** One text for each name of a table of contract/names: a new name does not compile without. */
type Texts<Names> = Readonly<Record<keyof Names, string>>;

const headerTexts: Texts<typeof identityHeaders> = {
  principal: "Base64 of the JSON that Azure's EasyAuth sends: `auth_typ`, `name_typ`, `role_typ`, `claims`",
  principalId: "Object id (`oid`) of the visitor",
  principalName: "Display name; to be shown, never to be compared",
  principalIdp: "`aad`",
  roles:
    "App roles that the policy names and the visitor has, separated by commas, percent-encoded where needed",
  groups: "Object ids of the groups that the policy names and the visitor is in, separated by commas",
};

const answerTexts: Texts<typeof answerHeaders> = {
  code: "Stable code of a refusal or fault that the gate itself answered with",
  reference: "What the log line of the same refusal carries",
};

const siteTexts: Texts<typeof siteEndpoints> = {
  login: "Begins signing in (document navigations only); `return_to` stays on this origin",
  accept: "Takes the sign-in host's ticket (POST from its origin only) and sets the session",
  session: "POST: a program's ticket and verifier become a session; JSON only",
  me: "Who is signed in, as JSON; never a token",
  logout: "POST signs out here; GET asks first",
  signedOut: "The page after signing out",
  status: "Public: version, role, environment, policy digest, bundle id; nothing secret",
  card: "The link card; public, nothing of the content",
};

const hostTexts: Texts<typeof hostEndpoints> = {
  discovery: "Where Entra finds the keys of a host that proves itself by federation; else 404",
  authorize: "Where a site sends a browser to be signed in",
  callback: "Where Entra sends it back: the one redirect URI",
  session: "POST with a token of Entra's: a program gets a ticket for one site",
  jwks: "Public keys that tickets are signed with",
  logout: "POST signs out at the sign-in host; GET asks first",
  signedOut: "The page after signing out",
  status: "Public: version, bundle id, ids of the keys in use",
  audit: "Who saw what: for those whom a site's `audit.viewers` names; read only",
};

const cookieTexts: Texts<typeof cookies> = {
  siteSession: "Site: the session, a signed ticket with its verifier",
  siteTransaction: "Site: one for each sign-in under way, ten minutes; its id follows",
  hostSession: "Sign-in host: its own session, encrypted",
  hostTransaction: "Sign-in host: one for each authorization request under way; its id follows",
};

const variableTexts: Texts<typeof variables> = {
  role: "`host`, `standalone`, or empty for a site",
  environment: "Site: `preview` or `production`",
  signInOrigin: "Site: origin of its sign-in host",
  signInKeys: "Site: the host's public keys (JWKS, each with `not_after`), for when it can't be asked",
  hostOrigin: "Host and standalone: their own origin, the only one they answer on",
  tenantId: "Host and standalone: the tenant's id",
  clientId: "Host and standalone: client id of the gate application",
  cloud: "Host and standalone: `global`, `usgov` or `china`",
  authority: "Overrides the cloud's sign-in origin",
  graphUrl: "Overrides the cloud's Microsoft Graph origin",
  clientSecret: "Secret. The gate application's client secret, or",
  clientKey: "Secret. The private key of its certificate: RSA JWK with `x5t#S256`",
  entraKeyId: "Id of the Entra credential in use; public",
  signingActive: "Host: id of the key that signs tickets",
  cookieActive: "Host and standalone: id of the key that encrypts cookies",
  signingNext: "Host, the action's note: id of the signing key that is published and not in use yet",
  signingSince: "Host, the action's note: since when the signing key is in use",
  cookieNext: "Host, the action's note: id of the cookie key that is not in use yet",
  cookieSince: "Host, the action's note: since when the cookie key is in use",
  signingKeyPrefix: "Secrets, one for each key, whose id follows: private RSA JWK",
  cookieKeyPrefix: "Secrets, one for each key, whose id follows: 32 bytes in base64url",
  database: "Binding. Host: its D1 database",
  audit: "Binding. Site: queue, Analytics Engine dataset or, in production, D1, for audit events",
};

/** What the action and the command read beside inputs and options; test/docs/complete.test.ts finds one that is missing. */
const surroundings: readonly (readonly [names: readonly string[], text: string])[] = [
  [
    ["CLOUDFLARE_API_BASE_URL"],
    "Action and `setup`: Cloudflare's API elsewhere than usual; wrangler honours it, too. `setup` takes it on loopback only",
  ],
  [
    ["GRAPH_URL", "GITHUB_API_URL", "GITHUB_OIDC_ISSUER"],
    "`setup`: stand-ins of these services, on loopback only",
  ],
  [["GH_TOKEN", "GITHUB_TOKEN"], "`setup`: the login to GitHub, else that of `gh`"],
  [["CLOUDFLARE_API_TOKEN"], "`setup`: the login to Cloudflare; it becomes the environment's secret"],
  [
    ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"],
    "Action: handed on to npm, which installs wrangler once; nothing else is",
  ],
];

/** docs/names.md: headers, endpoints, cookies, variables. */
export function namesPage(): string {
  return [
    "# Names: headers, endpoints, cookies, variables",
    "",
    "## Request headers for the code behind",
    "Every inbound copy is removed on every path, in any case and with underscores too, as is everything that begins with",
    "`X-MS-CLIENT-PRINCIPAL`, `X-MS-TOKEN-` or `X-Entra-Gate-`.",
    "",
    listed(identityHeaders, headerTexts),
    "## Response headers of the gate's own answers",
    listed(answerHeaders, answerTexts),
    "## Endpoints of a site",
    listed(siteEndpoints, siteTexts),
    "## Endpoints of the sign-in host",
    listed(hostEndpoints, hostTexts),
    "## Cookies",
    "All `__Host-`, `Secure`, `HttpOnly`.",
    "",
    listed(cookies, cookieTexts),
    "## Variables, secrets and bindings",
    "The action sets them; by hand only where there is no action ([setup.md](setup.md)).",
    "",
    listed(variables, variableTexts),
    "## What the action and the command read from their surroundings",
    "Beside these, what every GitHub job has (`GITHUB_…`, `RUNNER_…`, `ACTIONS_ID_TOKEN_REQUEST_…`).",
    "",
    table(
      ["Name", "What it is"],
      surroundings.map(([names, text]) => [names.map(code).join(", "), text]),
    ),
  ].join("\n");
}

function listed<Names extends Readonly<Record<string, string>>>(names: Names, texts: Texts<Names>): string {
  return table(
    ["Name", "What it is"],
    Object.entries(names).map(([key, name]) => [code(name), texts[key as keyof Names]]),
  );
}
