import type { HostStatus } from "../../../contract/config/site.ts";
import { jsonAnswer } from "../http/answers.ts";
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
