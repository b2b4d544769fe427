import type { CallLog } from "../call-log.ts";
import type { Clock } from "../clock.ts";
import type { Faults } from "../faults.ts";

export type Environment = "preview" | "production";

/** An API token as an administrator made it in the dashboard. */
export interface ApiToken {
  readonly value: string;
  /** A user's own, or one that the account owns: each has its own verify endpoint. */
  readonly kind: "user" | "account";
  /** Account · Cloudflare Pages · Edit, and Account · D1 · Edit; or either to read only. */
  readonly permissions: readonly ("pages" | "d1" | "pages:read" | "d1:read")[];
  readonly status?: "active" | "disabled" | "expired";
  /** RFC 3339; none: it never ends. */
  readonly expiresOn?: string;
}

/** How long things take, in milliseconds of the stand-in's clock. */
export interface Timing {
  /** From the upload to stage deploy/success. */
  deploy: number;
  /** From there until the deployment's hosts answer with it. */
  propagation: number;
  /** How long the hosts of a deleted deployment still answer with it. */
  linger: number;
}

export interface CloudflareOptions {
  readonly clock: Clock;
  readonly log: CallLog;
  readonly faults: Faults;
  /** Wanted port; a free one where it is 0, missing or taken. */
  readonly port?: number;
  /** 32 hex digits. */
  readonly accountId: string;
  readonly apiTokens: readonly ApiToken[];
  /** Code of dist/pages-runtime/asset-server.js. */
  readonly assetServer: string;
  /** What workers fetch; by default `*.localhost` is on loopback and nothing else exists. */
  readonly outbound?: (request: Request) => Promise<Response>;
  /** First label of a project's subdomain; Cloudflare adds to the name where somebody else has it. */
  readonly subdomainLabel?: (projectName: string) => string;
  readonly timing?: Partial<Timing>;
}

/** What the next upload to a project meets. */
export type Misfortune =
  /** It stays queued for this long. */
  | { readonly kind: "late"; readonly ms: number }
  /** It ends in deploy/failure with this line in its log. */
  | { readonly kind: "failed"; readonly line: string }
  /** It is made, and answered with 8000000, so that the client posts it again. */
  | { readonly kind: "doubled" };

/** One line that a deployment's worker wrote to its console. */
export interface ConsoleLine {
  readonly at: number;
  readonly project: string;
  readonly environment: Environment;
  readonly deployment: string;
  readonly line: string;
}
