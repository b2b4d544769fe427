import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { bearerChallenge } from "../http/bearer.ts";
import { readCookies } from "../http/cookies.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { isTabOfItsOwn } from "../http/fetch-metadata.ts";
import { newReference } from "../http/reference.ts";
import { tryingAgain } from "../http/retry.ts";
import { createTenantKeys } from "../oidc/jwks.ts";
import { createReach } from "../oidc/reach.ts";
import { refuse } from "./answers.ts";
import { recordRefusal, recordViewRefusal } from "./audit.ts";
import { auditPage } from "./audit-page/page.ts";
import { createAuditStore } from "./audit-store.ts";
import { authorize } from "./authorize.ts";
import { callback } from "./callback.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import { logFault } from "./fault-log.ts";
import { machineSession } from "./machine-session.ts";
import { passing } from "./passing.ts";
import { discovery, jwks, status } from "./public.ts";
import { refusalPage } from "./refusal-page.ts";
import type { HostSettings } from "./settings.ts";
import { signedOut, signOut } from "./sign-out.ts";
import { createSiteDirectory } from "./site-directory.ts";

/** One sign-in host in one isolate. */
export interface Host {
  /** Answers every request; never rejects. Audit events are written to the database after the answer. */
  handle(request: Request, waitUntil: WaitUntil): Promise<Response>;
}

interface Endpoint {
  readonly methods: readonly string[];
  /** Only a navigation of a tab of its own may ask: not a frame, not a script (W3C Fetch Metadata). */
  readonly navigation?: true;
  /** Each refusal here is a decision about somebody, and recorded. */
  readonly audited?: typeof recordRefusal;
  /** Programs ask with a bearer token: every answer is JSON, and a refusal says which kind (RFC 6750). */
  readonly bearer?: true;
  answer(host: HostContext, exchange: Exchange): Response | Promise<Response>;
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [
    hostEndpoints.authorize,
    { methods: ["GET"], navigation: true, audited: recordRefusal, answer: authorize },
  ],
  [hostEndpoints.callback, { methods: ["GET"], navigation: true, audited: recordRefusal, answer: callback }],
  [
    hostEndpoints.session,
    { methods: ["POST"], audited: recordRefusal, bearer: true, answer: machineSession },
  ],
  [hostEndpoints.jwks, { methods: ["GET", "HEAD"], answer: jwks }],
  [hostEndpoints.discovery, { methods: ["GET", "HEAD"], answer: discovery }],
  [hostEndpoints.status, { methods: ["GET", "HEAD"], answer: status }],
  [hostEndpoints.logout, { methods: ["GET", "HEAD", "POST"], answer: signOut }],
  [
    hostEndpoints.audit,
    { methods: ["GET"], navigation: true, audited: recordViewRefusal, answer: auditPage },
  ],
  [hostEndpoints.signedOut, { methods: ["GET", "HEAD"], answer: signedOut }],
]);

/**
 * Makes a sign-in host. It keeps in memory the tenant's keys and the sites table, and nothing about visitors.
 *
 * @param deps now in milliseconds, fetch, randomness, and where lines for the operator go
 */
export function createHost(settings: HostSettings, deps: Deps): Host {
  const host: HostContext = {
    settings,
    deps,
    directory: createSiteDirectory(settings.database, deps),
    tenantKeys: createTenantKeys(settings.entra, deps),
    entra: createReach(settings.entra.discovery, deps),
    audit: createAuditStore(settings.database, deps),
  };
  return { handle: (request, waitUntil) => handle(host, request, waitUntil) };
}

async function handle(host: HostContext, request: Request, waitUntil: WaitUntil): Promise<Response> {
  const exchange: Exchange = {
    request,
    url: new URL(request.url),
    now: Math.floor(host.deps.now() / 1000),
    jar: readCookies(request.headers.get("cookie")),
    cookies: [],
    events: [],
  };
  const endpoint = endpoints.get(exchange.url.pathname);
  try {
    return await route(host, exchange, endpoint);
  } catch (error) {
    return answerFault(host, exchange, endpoint, error);
  } finally {
    host.audit.write(exchange.events, waitUntil);
  }
}

function route(
  host: HostContext,
  exchange: Exchange,
  endpoint: Endpoint | undefined,
): Response | Promise<Response> {
  const { request, url } = exchange;
  if (url.origin !== host.settings.origin) throw new GateFault("host-name-unknown");
  if (!endpoint) throw new GateFault("host-path-unknown");
  if (!endpoint.methods.includes(request.method)) throw new GateFault("host-method-refused");
  if (endpoint.navigation && !isTabOfItsOwn(request)) throw new GateFault("host-not-navigation");
  return endpoint.answer(host, exchange);
}

/** The one place where a fault becomes an answer; what it was exactly goes to the log only. */
function answerFault(
  host: HostContext,
  exchange: Exchange,
  endpoint: Endpoint | undefined,
  error: unknown,
): Response {
  const { request, url } = exchange;
  const code = codeOf(error);
  const reference = newReference(host.deps.random);
  logFault(host.deps.log, { code, reference, path: endpoint ? url.pathname : "", error });
  if (url.origin === host.settings.origin) endpoint?.audited?.(host, exchange, code, reference);
  const { again } = exchange;
  const retry =
    again && passing.has(code)
      ? tryingAgain(request, hostErrors[code].visitor, again.path, again.made)
      : undefined;
  return refuse(request, code, {
    reference,
    cookies: exchange.cookies,
    page: { ...refusalPage(code, exchange), ...retry?.page },
    headers: { ...headersOf(code, endpoint), ...retry?.headers },
    ...(endpoint?.bearer ? { as: "json" } : {}),
  });
}

function headersOf(code: HostErrorCode, endpoint: Endpoint | undefined): Record<string, string> {
  const { status } = hostErrors[code];
  const challenged = code.startsWith("bearer-") || code === "entry-refused";
  return {
    ...(code === "host-method-refused" && endpoint ? { allow: endpoint.methods.join(", ") } : {}),
    ...(endpoint?.bearer && challenged ? { "www-authenticate": bearerChallenge(code, status) } : {}),
  };
}

function codeOf(error: unknown): HostErrorCode {
  return error instanceof GateFault && Object.hasOwn(hostErrors, error.code)
    ? (error.code as HostErrorCode)
    : "host-fault";
}
