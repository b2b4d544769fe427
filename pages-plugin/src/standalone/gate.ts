import { hostEndpoints, siteEndpoints } from "../../../contract/names/endpoints.ts";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { logFault } from "../host/fault-log.ts";
import type { Deps } from "../http/deps.ts";
import { newReference } from "../http/reference.ts";
import type { ClientSettings } from "../oidc/client-settings.ts";
import { endSessionUrl } from "../oidc/end-session.ts";
import { endpoints } from "../site/auth-paths.ts";
import { createBearerTokens } from "../site/bearer.ts";
import { showAccepted } from "../site/endpoints/accept.ts";
import { showSignedOut } from "../site/endpoints/logout.ts";
import type { Endpoint, Exchange, SiteServices } from "../site/exchange.ts";
import { createSiteGate, type SiteGate } from "../site/gate.ts";
import { refuse } from "./answers.ts";
import { callback } from "./callback.ts";
import { login } from "./login.ts";
import { createOwn, type Own } from "./own.ts";
import { createOwnSessions } from "./session.ts";
import { showStatus } from "./status.ts";

/**
 * The gate of a production deployment that signs in for itself: the site's gate, with a sign-in and a session of its
 * own. It answers under one origin; under every other, a preview's above all, it lets nobody in.
 *
 * @param policy of production
 */
export async function createStandaloneGate(
  settings: ClientSettings,
  policy: CompiledPolicy,
  deps: Deps,
): Promise<SiteGate> {
  const own = await createOwn(settings, policy, deps);
  const { origin, tenantId, clientId, entra } = settings;
  const config = {
    signIn: { origin, keys: [] },
    policy,
    bearer: { tenantId, clientId, authority: new URL(entra.token).origin },
    project: "",
    bundle: "",
  };
  const instead = { readSession: createOwnSessions(own), endpoints: endpointsOf(own) };
  const gate = createSiteGate(config, deps, instead, createBearerTokens);
  return {
    handle: async (exchange) =>
      hasOrigin(exchange, settings.origin) ? gate.handle(exchange) : refuseOrigin(exchange, deps),
  };
}

/** The site's own, but those that deal with a sign-in host. */
function endpointsOf(own: Own): SiteServices["endpoints"] {
  const there = endSessionUrl(own.settings.entra, own.settings.redirectUri, undefined);
  return new Map<string, Endpoint>([
    ...[...endpoints].filter(([path]) => path !== siteEndpoints.session),
    [siteEndpoints.login, { get: (services, visit) => login(own, services, visit) }],
    [hostEndpoints.callback, { get: (services, visit) => callback(own, services, visit) }],
    [siteEndpoints.accept, { get: showAccepted }],
    [siteEndpoints.signedOut, { get: (services, visit) => showSignedOut(services, visit, there) }],
    [siteEndpoints.status, { get: (services, visit) => showStatus(own, services, visit) }],
  ]);
}

function hasOrigin({ request }: Exchange, origin: string): boolean {
  return URL.parse(request.url)?.origin === origin;
}

function refuseOrigin(exchange: Exchange, deps: Deps): Response {
  try {
    const code = "standalone-origin-foreign";
    const reference = newReference(deps.random);
    logFault(deps.log, { code, reference, path: "" });
    return refuse(exchange.request, code, { reference });
  } catch {
    return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
  }
}
