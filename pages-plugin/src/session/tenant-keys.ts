import type { Deps } from "../http/deps.ts";
import type { EntraEndpoints } from "../oidc/endpoints.ts";
import { createPublicKeys, type PublicKeys } from "./public-keys.ts";

/** Entra's advice is a day at most. */
const refreshEvery = 3_600_000;

/** The keys of an Entra tenant, at a site. Keys that name another issuer, such as that of personal accounts, don't count. */
export function createSiteTenantKeys({ keys: url, issuer }: EntraEndpoints, deps: Deps): PublicKeys {
  const tenant = issuer.split("/").at(-2) ?? "";
  const usable = ({ issuer: named }: Readonly<Record<string, unknown>>): boolean =>
    named === undefined || (typeof named === "string" && named.replace("{tenantid}", tenant) === issuer);
  return createPublicKeys({ url, usable }, [], refreshEvery, deps);
}
