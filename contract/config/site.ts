import type { CompiledPolicy } from "../policy/model.ts";

/** A public ticket-signing key of the sign-in host that a site keeps for the time the host can't be asked. */
export interface PinnedKey {
  readonly kid: string;
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
  readonly alg: "RS256";
  readonly use: "sig";
  /** Seconds since 1970 after which this key verifies nothing. */
  readonly not_after: number;
}

/** Whose access tokens a production takes, and for which application; all of it is public. */
export interface BearerConfig {
  readonly tenantId: string;
  /** Client id of the gate's application. */
  readonly clientId: string;
  /** Origin of Entra's sign-in service. */
  readonly authority: string;
}

/** What a gated deployment is made with; it holds nothing secret. Baked into `_worker.js/config.js` by wrapping. */
export interface SiteConfig {
  readonly signIn: { readonly origin: string; readonly keys: readonly PinnedKey[] };
  readonly policy: CompiledPolicy;
  /** There if and only if the policy has `bearer`. */
  readonly bearer?: BearerConfig;
  /** Name of the Pages project. */
  readonly project: string;
  /** 128 random bits in hex that name this very bundle; empty in plugin use. */
  readonly bundle: string;
  readonly commit?: string;
  readonly pullRequest?: number;
  /** Seconds since 1970 after which the gate answers nobody; there if and only if the policy has `expires`. */
  readonly expires?: number;
  /** Patterns of the build's own `_routes.json` excludes: from the gate straight to the assets. */
  readonly staticPaths?: readonly string[];
  /** Patterns of its includes, where they are not all paths: whatever else goes straight to the assets, too. */
  readonly workerPaths?: readonly string[];
}

/**
 * The part of a configuration that says when a deployment ends.
 *
 * @param now milliseconds since 1970, of the deployment
 */
export function expiryOf({ expires }: CompiledPolicy, now: number): Pick<SiteConfig, "expires"> {
  return expires === undefined ? {} : { expires: Math.floor(now / 1000) + expires };
}

/** The public answer of `/.auth/status`. */
export interface SiteStatus {
  readonly version: string;
  readonly role: "site";
  readonly environment: "preview" | "production";
  readonly policy: string;
  /** Nothing is closed: what the rules would deny is only logged. Absent where they are enforced. */
  readonly mode?: "report";
  readonly bundle: string;
  /** Where the answering isolate's audit events go beside the console, and how many it could not hand over. */
  readonly audit: { readonly sink: "none" | "queue" | "analytics" | "d1" | "unfit"; readonly failed: number };
}

/** The same of a site that signs in for itself. */
export interface StandaloneStatus extends Omit<SiteStatus, "role"> {
  readonly role: "standalone";
  readonly keys: { readonly cookie: string };
}

export interface HostStatus {
  readonly version: string;
  readonly role: "host";
  /** Digest of the host's code and settings, so that the action knows whether this is the deployment it made. */
  readonly bundle: string;
  readonly keys: {
    readonly signing: readonly string[];
    readonly cookie: string;
    readonly cookies?: readonly string[];
    readonly entra: string;
  };
  /** Audit events that the answering isolate could not write to the database; older versions don't say. */
  readonly audit?: { readonly failed: number };
}
