import * as v from "valibot";

/** `{success, errors, result, result_info}` around every answer. Source: developers.cloudflare.com/api. */
export const envelopeSchema = v.object({
  success: v.boolean(),
  errors: v.fallback(
    v.array(v.object({ code: v.fallback(v.number(), 0), message: v.fallback(v.string(), "") })),
    [],
  ),
  result: v.optional(v.unknown()),
  result_info: v.fallback(
    v.nullish(
      v.object({
        total_pages: v.fallback(v.optional(v.number()), undefined),
        total_count: v.fallback(v.optional(v.number()), undefined),
      }),
    ),
    undefined,
  ),
});

const variableSchema = v.object({
  type: v.fallback(v.string(), "plain_text"),
  value: v.nullish(v.string()),
});

const deploymentConfigSchema = v.object({
  fail_open: v.optional(v.boolean()),
  compatibility_date: v.nullish(v.string()),
  compatibility_flags: v.nullish(v.array(v.string())),
  env_vars: v.nullish(v.record(v.string(), v.nullable(variableSchema))),
  d1_databases: v.nullish(v.record(v.string(), v.nullable(v.object({ id: v.string() })))),
  kv_namespaces: v.nullish(v.record(v.string(), v.unknown())),
  r2_buckets: v.nullish(v.record(v.string(), v.unknown())),
  services: v.nullish(v.record(v.string(), v.unknown())),
  queue_producers: v.nullish(v.record(v.string(), v.unknown())),
  durable_object_namespaces: v.nullish(v.record(v.string(), v.unknown())),
});

const sourceSchema = v.object({
  type: v.string(),
  config: v.optional(
    v.object({
      production_branch: v.optional(v.string()),
      deployments_enabled: v.optional(v.boolean()),
      production_deployments_enabled: v.optional(v.boolean()),
      preview_deployment_setting: v.optional(v.string()),
    }),
  ),
});

/** A Pages project. Source: Cloudflare API, "Get project". */
export const projectSchema = v.object({
  name: v.string(),
  subdomain: v.string(),
  domains: v.fallback(v.array(v.string()), []),
  production_branch: v.nullish(v.string()),
  /** The production deployment that answers now. */
  canonical_deployment: v.nullish(v.object({ id: v.string(), created_on: v.fallback(v.string(), "") })),
  source: v.nullish(sourceSchema),
  /** Folders of Cloudflare's own build: where it runs, and where it leaves the site, below that. */
  build_config: v.nullish(
    v.object({ root_dir: v.nullish(v.string()), destination_dir: v.nullish(v.string()) }),
  ),
  deployment_configs: v.object({ preview: deploymentConfigSchema, production: deploymentConfigSchema }),
});

export const deploymentSchema = v.object({
  id: v.string(),
  url: v.string(),
  environment: v.picklist(["preview", "production"]),
  created_on: v.fallback(v.string(), ""),
  /** URLs that follow the branch, and custom domains; null where there are none. */
  aliases: v.fallback(v.array(v.string()), []),
  latest_stage: v.nullish(v.object({ name: v.string(), status: v.string() })),
  deployment_trigger: v.nullish(
    v.object({
      /** `ad_hoc` for an upload. */
      type: v.optional(v.string()),
      metadata: v.nullish(
        v.object({
          branch: v.fallback(v.string(), ""),
          commit_hash: v.fallback(v.string(), ""),
          commit_message: v.fallback(v.string(), ""),
        }),
      ),
    }),
  ),
});

/** Custom domains of a project. Source: Cloudflare API, "Pages project domains". */
export const domainSchema = v.object({ name: v.string(), status: v.fallback(v.string(), "unknown") });

export const databaseSchema = v.object({ uuid: v.string(), name: v.string() });

export const queryResultSchema = v.array(
  v.object({ success: v.boolean(), results: v.fallback(v.array(v.record(v.string(), v.unknown())), []) }),
);

export type Project = v.InferOutput<typeof projectSchema>;
export type PagesDeployment = v.InferOutput<typeof deploymentSchema>;
export type Domain = v.InferOutput<typeof domainSchema>;
export type Database = v.InferOutput<typeof databaseSchema>;
export type DeploymentConfig = Project["deployment_configs"]["production"];

/** One variable in a PATCH; null deletes it. */
export type VariablePatch = { readonly type: "plain_text" | "secret_text"; readonly value: string } | null;

export interface DeploymentConfigPatch {
  readonly fail_open?: boolean;
  readonly compatibility_date?: string;
  readonly env_vars?: Readonly<Record<string, VariablePatch>>;
  readonly d1_databases?: Readonly<Record<string, { readonly id: string }>>;
}

/** What a PATCH of a project changes; everything that is not named stays. */
export interface ProjectPatch {
  readonly deployment_configs?: {
    readonly preview?: DeploymentConfigPatch;
    readonly production?: DeploymentConfigPatch;
  };
  readonly source?: {
    readonly type: string;
    readonly config: {
      readonly production_deployments_enabled?: boolean;
      readonly preview_deployment_setting?: "none";
    };
  };
}
