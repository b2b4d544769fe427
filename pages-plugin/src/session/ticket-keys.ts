import type { SiteConfig } from "../../../contract/config/site.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { ticketAlgorithm } from "../../../contract/tickets/claims.ts";
import type { Deps } from "../http/deps.ts";
import { createPublicKeys, type PublicKeys } from "./public-keys.ts";

/** The sign-in host's public keys as one isolate knows them. */
export type TicketKeys = PublicKeys;

/** How soon a key that was dropped at the host bites. */
const refreshEvery = 5 * 60_000;

/** @param signIn the host's origin and the pinned keys, each with its own end */
export function createTicketKeys(signIn: SiteConfig["signIn"], deps: Deps): TicketKeys {
  const rule = {
    url: `${signIn.origin}${hostEndpoints.jwks}`,
    usable: ({ alg }: Readonly<Record<string, unknown>>) => alg === ticketAlgorithm,
  };
  return createPublicKeys(rule, signIn.keys, refreshEvery, deps);
}
