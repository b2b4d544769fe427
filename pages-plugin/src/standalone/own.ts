import { entryOf } from "../../../contract/policy/entry.ts";
import type { CompiledPolicy, Entry } from "../../../contract/policy/model.ts";
import { type NamedSet, namedBy } from "../host/named-set.ts";
import type { Deps } from "../http/deps.ts";
import type { ClientSettings } from "../oidc/client-settings.ts";
import { createTenantKeys, type TenantKeys } from "../oidc/jwks.ts";
import { createReach, type Reach } from "../oidc/reach.ts";

/** What a site that signs in for itself has beside the gate; lives as long as the isolate. */
export interface Own {
  readonly settings: ClientSettings;
  /** Whom any rule of its policy lets in: nobody else gets a session. */
  readonly entry: Entry;
  /** Groups and roles that the policy names: nothing else of a visitor is kept. */
  readonly named: NamedSet;
  readonly tenantKeys: TenantKeys;
  /** Whether it makes sense to send a browser to Entra. */
  readonly entra: Reach;
  readonly deps: Deps;
}

export async function createOwn(settings: ClientSettings, policy: CompiledPolicy, deps: Deps): Promise<Own> {
  const entry = entryOf(policy);
  const named = await namedBy([entry]);
  return {
    settings,
    entry,
    named,
    tenantKeys: createTenantKeys(settings.entra, deps),
    entra: createReach(settings.entra.discovery, deps),
    deps,
  };
}
