import type { Visitor } from "../../../contract/policy/model.ts";
import type { Deps } from "../http/deps.ts";
import type { TenantKeys } from "../oidc/jwks.ts";
import type { Reach } from "../oidc/reach.ts";
import type { HostSession } from "../session/host-session.ts";
import type { TicketRequest } from "../session/host-transaction.ts";
import type { AuditStore } from "./audit-store.ts";
import type { HostSettings } from "./settings.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { MatchedSite } from "./site-match.ts";

/** What lives as long as the isolate. */
export interface HostContext {
  readonly settings: HostSettings;
  readonly deps: Deps;
  readonly directory: SiteDirectory;
  readonly tenantKeys: TenantKeys;
  readonly entra: Reach;
  readonly audit: AuditStore;
}

/**
 * One request and what became known of it so far. Whatever ends it, ticket or refusal, sends these cookies, offers
 * this way back and names this visitor in the log.
 */
export interface Exchange {
  readonly request: Request;
  readonly url: URL;
  /** Seconds since 1970, the same throughout. */
  readonly now: number;
  readonly jar: ReadonlyMap<string, readonly string[]>;
  /** Set-Cookie lines. */
  readonly cookies: string[];
  /** Audit events of this request, as JSON. */
  readonly events: string[];
  /** What a site asked for; set only once the origin is known to be a site's. */
  wanted?: TicketRequest;
  /** The same where a program asked. */
  service?: string;
  /** Where the same is asked for once more after a fault that passes, and how often that was done already. */
  again?: { readonly path: string; readonly made: number };
  /** Query of the audit page, where that is what was asked for. */
  page?: string;
  /** A site's origin, where nothing more is known of what it asked for. */
  wayBack?: string | undefined;
  site?: MatchedSite;
  session?: HostSession;
  /** Whom a bearer token stands for. */
  machine?: Visitor;
}

/** What a ticket is made from. */
export interface Grant {
  readonly wanted: Omit<TicketRequest, "tx">;
  readonly site: MatchedSite;
  readonly visitor: Visitor;
  /** End of the ticket, in seconds since 1970. */
  readonly expires: number;
}

/** A site that asks, and the visitor it asks about. */
export interface Asking {
  readonly wanted: TicketRequest;
  readonly site: MatchedSite;
  readonly session: HostSession;
}
