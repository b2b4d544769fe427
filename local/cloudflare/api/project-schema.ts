import * as v from "valibot";

/** A map of which single keys can be set, or deleted with null. */
const byKey = <S extends v.GenericSchema>(item: S) => v.nullable(v.record(v.string(), v.nullable(item)));
const named = (field: string) => byKey(v.strictObject({ [field]: v.string() }));

/** Names and sizes that Pages takes for a variable (developers.cloudflare.com/pages/platform/limits). */
const variableName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/));
const variable = v.strictObject({
  type: v.optional(v.picklist(["plain_text", "secret_text"]), "plain_text"),
  value: v.pipe(v.string(), v.maxBytes(5_120)),
});

/** `deployment_configs.<environment>` (developers.cloudflare.com/api/resources/pages/subresources/projects). */
const deploymentConfig = v.partial(
  v.strictObject({
    ai_bindings: named("project_id"),
    always_use_latest_compatibility_date: v.boolean(),
    analytics_engine_datasets: named("dataset"),
    browsers: byKey(v.strictObject({})),
    build_image_major_version: v.picklist([1, 2, 3]),
    compatibility_date: v.pipe(v.string(), v.isoDate()),
    compatibility_flags: v.array(v.string()),
    d1_databases: byKey(v.strictObject({ id: v.pipe(v.string(), v.uuid()) })),
    durable_object_namespaces: named("namespace_id"),
    env_vars: v.nullable(v.record(variableName, v.nullable(variable))),
    fail_open: v.boolean(),
    hyperdrive_bindings: named("id"),
    kv_namespaces: named("namespace_id"),
    limits: v.nullable(v.strictObject({ cpu_ms: v.number() })),
    mtls_certificates: named("certificate_id"),
    placement: v.nullable(v.strictObject({ mode: v.string() })),
    queue_producers: named("name"),
    r2_buckets: byKey(v.strictObject({ name: v.string(), jurisdiction: v.optional(v.nullable(v.string())) })),
    services: byKey(
      v.strictObject({
        service: v.string(),
        environment: v.optional(v.string()),
        entrypoint: v.optional(v.nullable(v.string())),
      }),
    ),
    usage_model: v.picklist(["standard", "bundled", "unbound"]),
    vectorize_bindings: named("index_name"),
    wrangler_config_hash: v.string(),
  }),
);

const buildConfig = v.partial(
  v.strictObject({
    build_caching: v.nullable(v.boolean()),
    build_command: v.nullable(v.string()),
    destination_dir: v.nullable(v.string()),
    root_dir: v.nullable(v.string()),
    web_analytics_tag: v.nullable(v.string()),
    web_analytics_token: v.nullable(v.string()),
  }),
);

const source = v.strictObject({
  type: v.picklist(["github", "gitlab"]),
  config: v.partial(
    v.strictObject({
      deployments_enabled: v.boolean(),
      owner: v.string(),
      owner_id: v.string(),
      path_excludes: v.array(v.string()),
      path_includes: v.array(v.string()),
      pr_comments_enabled: v.boolean(),
      preview_branch_excludes: v.array(v.string()),
      preview_branch_includes: v.array(v.string()),
      preview_deployment_setting: v.picklist(["all", "none", "custom"]),
      production_branch: v.string(),
      production_deployments_enabled: v.boolean(),
      repo_id: v.string(),
      repo_name: v.string(),
    }),
  ),
});

const settings = {
  build_config: v.optional(buildConfig),
  deployment_configs: v.optional(
    v.partial(v.strictObject({ preview: deploymentConfig, production: deploymentConfig })),
  ),
  source: v.optional(source),
};

/** 58 characters at most: with a hash before it, it has to be a host name. */
const projectName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,56}[a-z0-9]$|^[a-z0-9]$/));

export const newProject = v.strictObject({
  name: projectName,
  production_branch: v.pipe(v.string(), v.minLength(1)),
  ...settings,
});

export const projectChanges = v.strictObject({
  production_branch: v.optional(v.pipe(v.string(), v.minLength(1))),
  ...settings,
});

export type ProjectChanges = v.InferOutput<typeof projectChanges>;
export type ConfigChanges = v.InferOutput<typeof deploymentConfig>;
