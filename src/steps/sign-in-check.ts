import { createHash, randomBytes } from "node:crypto";
import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { hostEndpoints } from "../../contract/names/endpoints.ts";
import type { Environment } from "../../contract/policy/model.ts";
import type { SiteRow } from "../../contract/sites/row.ts";
import { authorizeParameters } from "../../contract/tickets/claims.ts";
import { entraError, refusalInPage } from "../clients/aadsts.ts";
import type { Http, HttpAnswer } from "../clients/http.ts";
import { ActionError } from "../errors.ts";
import { originOfHost } from "../origins.ts";

export interface SignInCheckDeps {
  readonly http: Http;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What a right answer of the host must lead to. */
export interface ExpectedSignIn {
  readonly origin: string;
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/**
 * How long each problem may be nothing but delay: redirect URIs take up to five minutes at Entra, the host keeps its
 * list of sites for 60 s, and Cloudflare's edge takes its time with a new project.
 */
const patience: Partial<Record<ActionErrorCode, number>> = {
  "entra-redirect-uri-unknown": 300_000,
  "entra-application-unknown": 120_000,
  "sign-in-host-wrong-answer": 120_000,
  "service-unreachable": 120_000,
  "service-failing": 120_000,
  "service-throttled": 120_000,
};
const pause = 3_000;

/** As a browser that follows a site's redirect (W3C Fetch Metadata Request Headers). */
export const navigation = {
  accept: "text/html",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "cross-site",
  "sec-fetch-user": "?1",
};

/**
 * Asks the sign-in host what a visitor of this site would ask it, and Entra what the host then sends the browser for,
 * until both answer as they must or patience ends: a new redirect URI takes minutes to be honoured.
 * @throws ActionError sign-in-host-wrong-answer, entra-redirect-uri-unknown, entra-application-unknown,
 *   entra-tenant-unknown, deadline-exceeded
 */
export async function checkSignIn(
  deps: SignInCheckDeps,
  row: SiteRow,
  expected: ExpectedSignIn,
): Promise<void> {
  const began = deps.now();
  for (;;) {
    const problem = await tryOnce(deps.http, row, expected);
    if (problem === undefined) return;
    if (deps.now() + pause > began + (patience[problem.code] ?? 0)) throw problem;
    await deps.sleep(pause);
  }
}

async function tryOnce(http: Http, row: SiteRow, expected: ExpectedSignIn): Promise<ActionError | undefined> {
  try {
    const location = redirectProblem(await askHost(http, row, expected), expected);
    return location instanceof ActionError ? location : await atEntra(http, location, expected);
  } catch (error) {
    if (error instanceof ActionError && error.code.startsWith("service-")) return error;
    throw error;
  }
}

/** What the host answers to a visitor of this site who has no session. */
export async function askHost(http: Http, row: SiteRow, expected: ExpectedSignIn): Promise<HttpAnswer> {
  const { origin, environment } = askingSite(row);
  const query = new URLSearchParams({
    [authorizeParameters.origin]: origin,
    [authorizeParameters.environment]: environment,
    [authorizeParameters.transaction]: randomBytes(16).toString("base64url"),
    [authorizeParameters.challenge]: createHash("sha256").update(randomBytes(32)).digest("base64url"),
  });
  return http.send({
    service: "Sign-in host",
    call: `GET ${hostEndpoints.authorize}`,
    method: "GET",
    url: `${expected.origin}${hostEndpoints.authorize}?${query}`,
    headers: navigation,
    attempts: 3,
    timeout: 15_000,
  });
}

/** Production where its policy asks for sign-in, else an imaginary preview. */
function askingSite(row: SiteRow): { origin: string; environment: Environment } {
  const [production] = row.origins;
  if (row.entries.production !== undefined && production !== undefined)
    return { origin: production, environment: "production" };
  return { origin: originOfHost(`sign-in-check.${row.subdomain}`), environment: "preview" };
}

function redirectProblem(answer: HttpAnswer, expected: ExpectedSignIn): URL | ActionError {
  const code = answer.headers["x-entra-gate-code"];
  const said = `status ${answer.status}${code === undefined ? "" : `, ${code}`}`;
  const wrong = (what: string): ActionError =>
    new ActionError(
      "sign-in-host-wrong-answer",
      `${expected.origin}${hostEndpoints.authorize}: ${said}; ${what}`,
      { asked: { service: "Sign-in host", call: `GET ${hostEndpoints.authorize}` } },
    );
  const location = URL.parse(answer.headers["location"] ?? "");
  if (answer.status < 300 || answer.status > 399 || location === null) return wrong("no redirect");
  const endpoint = `${expected.authority}/${expected.tenantId}/oauth2/v2.0/authorize`;
  if (`${location.origin}${location.pathname}` !== endpoint) return wrong(`leads not to ${endpoint}`);
  const query = location.searchParams;
  if (query.get("client_id") !== expected.clientId) return wrong("names another client_id");
  if (query.get("redirect_uri") !== expected.redirectUri) return wrong("names another redirect_uri");
  return location;
}

/** Entra shows its refusal on a page of its own and never calls back: the page is read for its AADSTS number. */
async function atEntra(
  http: Http,
  location: URL,
  expected: ExpectedSignIn,
): Promise<ActionError | undefined> {
  const call = "GET /oauth2/v2.0/authorize";
  const answer = await http.send({
    service: "Entra",
    call,
    method: "GET",
    url: location,
    headers: { ...navigation, "accept-language": "en" },
    attempts: 2,
  });
  const refused = answer.status < 300 || answer.status > 399 ? refusalInPage(answer.text()) : undefined;
  if (refused !== undefined)
    return entraError(refused, `Client id ${expected.clientId}, redirect URI ${expected.redirectUri}`, call);
  if (answer.status >= 400)
    return new ActionError("entra-refused", `Authorization request: status ${answer.status}`, {
      asked: { service: "Entra", call },
    });
  return undefined;
}
