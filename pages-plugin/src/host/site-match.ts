import type { Entry, Environment } from "../../../contract/policy/model.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { GateFault } from "../http/fault.ts";
import { isLocalhost } from "../http/origin.ts";

/** A site's row and what its default branch says about who may get a ticket for the asking environment. */
export interface MatchedSite {
  readonly row: SiteRow;
  readonly entry: Entry;
}

/**
 * Finds the one site that an origin belongs to. Origins are compared whole, as the URL parser reads them, and never
 * by how their text begins or ends (GHSA-j7px-6hwj-hpjg, CVE-2026-7504, CVE-2026-3872).
 *
 * A deployment's own address (`<hash>.<project>…`) may be of either environment: production has one too. What an
 * origin says of itself decides only which of its own site's entries applies; the ticket is of use to it alone.
 *
 * @param origin as `parseOrigin` let it through
 * @param hostOrigin this sign-in host: it and the names below it are never a site
 * @throws GateFault `site-unknown`, `site-ambiguous`, `site-environment-closed`
 */
export function matchSite(
  rows: readonly SiteRow[],
  origin: string,
  environment: Environment,
  hostOrigin: string,
): MatchedSite {
  const url = new URL(origin);
  const hostName = new URL(hostOrigin).hostname;
  if (url.hostname === hostName || url.hostname.endsWith(`.${hostName}`))
    throw new GateFault("site-unknown", "host");
  const claimants = rows.filter((row) => claims(row, url));
  const [row] = claimants;
  if (!row) throw new GateFault("site-unknown");
  if (claimants.length > 1) {
    throw new GateFault("site-ambiguous", claimants.map((claimant) => claimant.project).join(", "));
  }
  if (row.origins.includes(origin) && environment !== "production")
    throw new GateFault("site-unknown", "environment");
  const entry = row.entries[environment];
  if (entry?.environment !== environment) throw new GateFault("site-environment-closed", row.project);
  return { row, entry };
}

function claims(row: SiteRow, url: URL): boolean {
  return row.origins.includes(url.origin) || isLabelUnder(row.subdomain, url);
}

/** Whether a URL's host is exactly one label below a project's subdomain, with its scheme and port. */
function isLabelUnder(subdomain: string, url: URL): boolean {
  const scheme = isLocalhost(subdomain.replace(/:\d+$/, "")) ? "http" : "https";
  const base = URL.parse(`${scheme}://${subdomain}`);
  // Anything that the parser reads otherwise than it is written is no subdomain that Cloudflare gave.
  if (base === null || base.host !== subdomain || !base.hostname.includes(".")) return false;
  if (base.protocol !== url.protocol || base.port !== url.port) return false;
  const suffix = `.${base.hostname}`;
  return url.hostname.endsWith(suffix) && /^[a-z0-9-]{1,63}$/.test(url.hostname.slice(0, -suffix.length));
}
