import type { PackManifest, PackRoutes } from "../../contract/bundle/pack.ts";
import type { SiteConfig } from "../../contract/config/site.ts";
import type { Environment } from "../../contract/policy/model.ts";

/** A build's artifact after it was checked and written below `folder`, under the names of its tar entries. */
export interface Pack {
  readonly folder: string;
  readonly manifest: PackManifest;
  readonly routes: PackRoutes;
}

/** One file of a deployment folder. `path` is relative, with `/`. */
export interface BundleFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/**
 * A folder as it will be handed to wrangler. `gated`: the gate is in front. `open`: as built, where the default
 * branch's policy says that production is open. `deny-all`: shows nothing to anybody. `host`: the sign-in host.
 */
export interface Bundle {
  readonly kind: "gated" | "open" | "deny-all" | "host";
  readonly folder: string;
  /** 128 random bits in hex; `/.auth/status` of a gated deployment names it. */
  readonly id: string;
  readonly environment: Environment;
  /** Sorted by path. */
  readonly files: readonly BundleFile[];
  /** What the gate was given; absent unless `gated`. */
  readonly config?: SiteConfig;
  /** Digest of `files` as they stood when every probe had been made against them; absent before the rehearsal. */
  readonly rehearsed?: string;
  /** Digests of the modules that workerd was started with in the rehearsal, by path. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** Where a bundle goes. */
export interface DeployTarget {
  readonly project: string;
  readonly branch: string;
  /** The project's, as it was read; absent where it has none. */
  readonly productionBranch: string | undefined;
  readonly environment: Environment;
  /** Full commit hash of what was built. */
  readonly commit: string;
  /** First line of the commit's message, or another short text; the bundle's id is appended. */
  readonly message: string;
}

/** One deployment as Cloudflare answered for it. */
export interface Deployment {
  readonly id: string;
  readonly project: string;
  /** URL of exactly this deployment: `https://<hash>.<subdomain>`. No slash at its end. */
  readonly url: string;
  /** URLs that follow the branch; empty where Cloudflare gave none. No slash at the end. */
  readonly aliases: readonly string[];
  readonly environment: Environment;
  readonly branch: string;
  /** Empty where it was not the action that made it. */
  readonly bundle: string;
  /** Ids of what earlier runs have deployed of the same commit for the same branch. */
  readonly earlier?: readonly string[];
  /** Digests of the worker's modules, by path, as they stood when the upload had ended. */
  readonly modules?: Readonly<Record<string, string>>;
}

/**
 * `closed`: refused by the gate. `open`: showed what it must not. `public`: the policy lets anyone see it, and it
 * could be seen. `broken`: the policy lets anyone see it, and it could not. `inconclusive`: nothing can be said.
 */
export type ProbeOutcome = "closed" | "open" | "public" | "broken" | "inconclusive";

export interface ProbeResult {
  readonly origin: string;
  readonly method: string;
  /** Request target exactly as sent. */
  readonly target: string;
  /** Which way of getting in this probe tries: `page`, `encoding:%61`, `forged-cookie`… */
  readonly kind: string;
  readonly outcome: ProbeOutcome;
  /** 0 where there was no answer. */
  readonly status: number;
  /** One sentence for people: what was seen that decided. Never content. */
  readonly reason: string;
}

export interface ProbeReport {
  readonly total: number;
  readonly open: number;
  readonly inconclusive: number;
  readonly broken: number;
  /** Every probe came out closed or public, and there was at least one. */
  readonly ok: boolean;
  readonly results: readonly ProbeResult[];
}
