import type { IncomingMessage, ServerResponse } from "node:http";
import type { PagesModule } from "../../../src/pages-runtime/options.ts";
import type { Environment } from "../options.ts";

export interface EnvVar {
  readonly type: "plain_text" | "secret_text";
  readonly value: string;
}

/** `deployment_configs.<environment>`; bindings that nothing here uses are kept as they were sent. */
export interface DeploymentConfig {
  readonly [field: string]: unknown;
  readonly env_vars: Readonly<Record<string, EnvVar>>;
  readonly d1_databases: Readonly<Record<string, { readonly id: string }>>;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly fail_open: boolean;
}

export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly subdomain: string;
  readonly createdAt: number;
  productionBranch: string;
  buildConfig: Readonly<Record<string, unknown>>;
  source: Readonly<Record<string, unknown>> | null;
  configs: Readonly<Record<Environment, DeploymentConfig>>;
  readonly domains: Domain[];
  /** Which deployment production was given to, and from when; the last that is due is live. */
  readonly promotions: { readonly deployment: string; readonly at: number }[];
}

/** The files of one deployment, as uploaded. */
export interface Upload {
  /** Path to hash. */
  readonly manifest: Readonly<Record<string, string>>;
  readonly worker?: { readonly main: string; readonly modules: readonly PagesModule[] };
  readonly headersFile?: string;
  readonly redirectsFile?: string;
  readonly routesFile?: string;
}

export interface Commit {
  readonly branch: string;
  readonly commit_hash: string;
  readonly commit_message: string;
  readonly commit_dirty: boolean;
}

export interface Deployment {
  readonly id: string;
  /** First 8 digits of the id: the label of its own host. */
  readonly shortId: string;
  readonly project: string;
  readonly environment: Environment;
  /** Label of the branch's host; none in production. */
  readonly alias: string | undefined;
  readonly createdAt: number;
  /** When its last stage ends. */
  readonly finishedAt: number;
  /** When its hosts begin to answer with it. */
  readonly answersAt: number;
  /** Last line of its log where it failed. */
  readonly failure: string | undefined;
  readonly commit: Commit;
  /** An upload, or Cloudflare's own build of a push. */
  readonly trigger: "ad_hoc" | "github:push";
  readonly upload: Upload;
  /** As it was when the deployment was made: later settings don't reach it. */
  readonly config: DeploymentConfig;
  /** Answers in the runtime's place, for deployments of which there are thousands. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  deletedAt: number | undefined;
}

export interface D1Database {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: number;
}
