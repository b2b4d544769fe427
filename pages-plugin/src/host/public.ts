import type { HostStatus } from "../../../contract/config/site.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { hostFederation } from "../../../contract/names/federation.ts";
import { ticketAlgorithm } from "../../../contract/tickets/claims.ts";
import { jsonAnswer } from "../http/answers.ts";
import { GateFault } from "../http/fault.ts";
import { version } from "../http/version.ts";
import type { Exchange, HostContext } from "./exchange.ts";

/** Sites refresh every five minutes; a cache may not make that longer than it is. */
const freshFor = "public, max-age=300";

/** `/.auth/jwks`: the public keys of all that may have signed a ticket that is still good (RFC 7517). */
export function jwks(host: HostContext, exchange: Exchange): Response {
  const keys = host.settings.signing.all
    .map(({ publicKey }) => publicKey)
    .filter((key) => exchange.now < key.not_after);
  return jsonAnswer(exchange.request, { keys }, { headers: { "cache-control": freshFor } });
}

/**
 * `/.well-known/openid-configuration`: where Entra finds the keys by which it verifies this host's own tokens (OpenID
 * Connect Discovery 1.0 section 3). Nobody else can use it: this is no provider.
 *
 * @throws GateFault `host-path-unknown` unless the host proves itself in this way
 */
export function discovery({ settings }: HostContext, exchange: Exchange): Response {
  const { origin, entraKeyId } = settings;
  if (entraKeyId !== hostFederation.keyId) throw new GateFault("host-path-unknown");
  const document = {
    issuer: origin,
    jwks_uri: origin + hostEndpoints.jwks,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [ticketAlgorithm],
  };
  return jsonAnswer(exchange.request, document, { headers: { "cache-control": freshFor } });
}

/** `/.auth/status`: which deployment this is and which keys it uses, by their ids, and audit events not written; nothing secret. */
export function status(host: HostContext, exchange: Exchange): Response {
  const { bundle, signing, cookieKeys, entraKeyId } = host.settings;
  const others = signing.all.map(({ kid }) => kid).filter((kid) => kid !== signing.active.kid);
  const body: HostStatus = {
    version,
    role: "host",
    bundle,
    keys: {
      signing: [signing.active.kid, ...others],
      cookie: cookieKeys.active,
      cookies: [...cookieKeys.byId.keys()],
      entra: entraKeyId,
    },
    audit: { failed: host.audit.failed },
  };
  return jsonAnswer(exchange.request, body);
}
