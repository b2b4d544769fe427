import { variables } from "../../contract/names/variables.ts";
import type { DeploymentConfig, Project } from "../clients/cloudflare-model.ts";
import type { Finding } from "../findings.ts";
import { found } from "./codes.ts";
import { word } from "./shell.ts";

const environments = ["preview", "production"] as const;
/** A branch of previews that the production branch must not be called. */
const previewBranches = /^pr-\d+$/i;
const hostSecrets = [variables.clientSecret, variables.clientKey] as const;
const hostKeys = [variables.signingKeyPrefix, variables.cookieKeyPrefix] as const;

export interface SiteFacts {
  readonly project: Project;
  /** Whether the default branch's policy closes production. */
  readonly productionGated: boolean;
  /** Id of the sign-in host's database, where there is a host. */
  readonly hostDatabase: string | undefined;
}

const console = (project: string): string =>
  `Cloudflare dashboard → Workers & Pages → ${project} → Settings → `;

/** What of the site's own project the gate had set, or must not be there, in both environments. */
export function siteProject({ project, productionGated, hostDatabase }: SiteFacts): Finding[] {
  const { name: subject } = project;
  return [
    ...failsOpen(project, productionGated),
    ...buildsItself(project, productionGated),
    ...(previewBranches.test(project.production_branch ?? "")
      ? [
          found("branch-is-production", {
            subject,
            text: `The production branch is ${project.production_branch}: previews of that pull request would be production.`,
            remedy: `${console(subject)}Branch control: choose the default branch.`,
          }),
        ]
      : []),
    ...environments.flatMap((environment) => [
      ...secretsAtSite(project, environment),
      ...databaseAtSite(project, environment, hostDatabase),
    ]),
  ];
}

/** `fail_open` is true unless Cloudflare says false: that is every project's default. */
export function failsOpen(project: Project, productionGated: boolean): Finding[] {
  return environments
    .filter((one) => one === "preview" || productionGated)
    .filter((one) => project.deployment_configs[one].fail_open !== false)
    .map((environment) =>
      found("project-fails-open", {
        subject: project.name,
        text: `In ${environment}, files are served without the gate once the account's quota of requests is spent (fail_open).`,
        remedy: `Run the gate workflow for the default branch, or ${console(project.name)}${environment} → Runtime → Fail open/closed: closed.`,
      }),
    );
}

/** Source: Pages docs, "Branch deployment controls". */
export function buildsItself(project: Project, productionGated: boolean): Finding[] {
  const git = project.source?.config;
  if (git === undefined) return [];
  const remedy = `Run the gate workflow for the default branch, or ${console(project.name)}Build → Branch control: no automatic builds.`;
  const text = (what: string) =>
    `Cloudflare builds and deploys ${what} from Git by itself, without the gate.`;
  return [
    ...(git.preview_deployment_setting === "none"
      ? []
      : [found("project-builds-itself", { subject: project.name, text: text("previews"), remedy })]),
    ...(!productionGated || git.production_deployments_enabled === false
      ? []
      : [found("project-builds-itself", { subject: project.name, text: text("production"), remedy })]),
  ];
}

/** A preview's code reads all variables of its environment. A production that signs in for itself has secrets of its own. */
function secretsAtSite(project: Project, environment: (typeof environments)[number]): Finding[] {
  const stored = project.deployment_configs[environment].env_vars ?? {};
  const standalone = environment === "production" && stored[variables.role]?.value === "standalone";
  const names = Object.keys(stored).filter(
    (name) => hostSecrets.some((one) => one === name) || hostKeys.some((prefix) => name.startsWith(prefix)),
  );
  if (standalone || names.length === 0) return [];
  return [
    found("secret-at-site", {
      subject: project.name,
      text: `The site's ${environment} has variables that belong to a sign-in host: ${names.join(", ")}. The site's code can read them.`,
      remedy: `Remove each, then replace the credential or key: npx wrangler pages secret delete ${word(names[0] ?? "")} --project-name ${project.name} --env ${environment}`,
    }),
  ];
}

/** Whoever can write the host's database can name any site and any person. */
function databaseAtSite(
  project: Project,
  environment: (typeof environments)[number],
  hostDatabase: string | undefined,
): Finding[] {
  const bound = Object.entries(project.deployment_configs[environment].d1_databases ?? {});
  return bound
    .filter(([, database]) => database !== null && database.id === hostDatabase)
    .map(([binding]) =>
      found("host-database-elsewhere", {
        subject: project.name,
        text: `The site's ${environment} is bound to the sign-in host's own database (${binding}): its code can change who is let in where.`,
        remedy: `${console(project.name)}${environment} → Bindings: remove ${binding}, then delete the deployments that have it.`,
      }),
    );
}

const kinds = [
  "kv_namespaces",
  "r2_buckets",
  "services",
  "queue_producers",
  "durable_object_namespaces",
] as const;

/** Bindings with their kind in the API's words, beside variables and D1. */
export function otherBindings(config: DeploymentConfig): string[] {
  return kinds.flatMap((kind) => Object.keys(config[kind] ?? {}).map((name) => `${name} (${kind})`));
}
