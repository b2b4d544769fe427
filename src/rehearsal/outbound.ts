import type { SiteConfig } from "../../contract/config/site.ts";
import { hostEndpoints } from "../../contract/names/endpoints.ts";

/**
 * The whole network of a rehearsal: the sign-in host's public keys, from what was baked into the bundle. Every other
 * fetch is refused; the site is a stranger's code and runs beside a Cloudflare token.
 */
export function rehearsalNetwork(config: SiteConfig): (request: Request) => Promise<Response> {
  const jwks = `${config.signIn.origin}${hostEndpoints.jwks}`;
  return async ({ method, url }) => {
    if (method === "GET" && url === jwks) return Response.json({ keys: config.signIn.keys });
    throw new TypeError("there is no network in a rehearsal");
  };
}
