import type { HostStatus } from "../../contract/config/site.ts";
import { variables } from "../../contract/names/variables.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { Finding } from "../findings.ts";
import { originOfHost } from "../origins.ts";
import { type HostIdentity, mustGo, plainVariables } from "../steps/sign-in-variables.ts";
import { found } from "./codes.ts";
import { otherBindings } from "./project.ts";
import { word } from "./shell.ts";

export interface HostFacts {
  readonly project: Project;
  /** What the job's inputs say that a host is for. */
  readonly identity: Omit<HostIdentity, "origin">;
  /** What the live host says of itself; undefined where it does not answer. */
  readonly status: HostStatus | undefined;
}

/** The action's own notes, whose values change from run to run. */
const notes: ReadonlySet<string> = new Set([
  variables.entraKeyId,
  variables.signingActive,
  variables.signingNext,
  variables.signingSince,
  variables.cookieActive,
  variables.cookieNext,
  variables.cookieSince,
]);
const secrets: ReadonlySet<string> = new Set([variables.clientSecret, variables.clientKey]);
const prefixes = [variables.signingKeyPrefix, variables.cookieKeyPrefix] as const;
const isSecret = (name: string): boolean =>
  secrets.has(name) || prefixes.some((prefix) => name.startsWith(prefix));

/** The sign-in host's settings against what the action writes there: a host has nothing but these. */
export function hostSettings(facts: HostFacts): Finding[] {
  const { project } = facts;
  const origin = originOfHost(project.subdomain);
  const stored = project.deployment_configs.production.env_vars ?? {};
  const expected = plainVariables({ ...facts.identity, origin }, stored[variables.entraKeyId]?.value ?? "");
  const mend =
    "Run the gate workflow, or the audit, for the default branch of the repository that owns the host.";
  const found_ = (code: Parameters<typeof found>[0], text: string, remedy = mend) =>
    found(code, { subject: project.name, text, remedy });

  const differing = Object.entries(expected).filter(
    ([name, value]) => stored[name]?.type !== "plain_text" || stored[name]?.value !== value,
  );
  const unknown = Object.keys(stored).filter(
    (name) =>
      stored[name] != null &&
      (mustGo.some((one) => one === name && !(name in expected)) ||
        !(name in expected || notes.has(name) || isSecret(name))),
  );
  const open = Object.keys(stored).filter((name) => isSecret(name) && stored[name]?.type !== "secret_text");
  const remove = (name: string) =>
    `If nobody knows what it is for, remove it: npx wrangler pages secret delete ${word(name)} --project-name ${project.name}`;
  return [
    ...differing.map(([name]) => found_("host-variable-differs", `${name} is not what the action wrote.`)),
    ...unknown.map((name) =>
      found_("host-variable-foreign", `${name} is no variable of a sign-in host.`, remove(name)),
    ),
    ...open.map((name) =>
      found_(
        "host-secret-plain",
        `${name} is stored as a plain variable, which everybody with access to the account can read.`,
        `Remove it (it is replaced by the next run): npx wrangler pages secret delete ${word(name)} --project-name ${project.name}`,
      ),
    ),
    ...bindings(facts),
    ...previewOfHost(project),
    ...behind(facts, mend),
  ];
}

function bindings({ project }: HostFacts): Finding[] {
  const config = project.deployment_configs.production;
  const databases = Object.keys(config.d1_databases ?? {}).filter((name) => name !== variables.database);
  return [...databases.map((name) => `${name} (d1_databases)`), ...otherBindings(config)].map((binding) =>
    found("host-binding-foreign", {
      subject: project.name,
      text: `The sign-in host is bound to ${binding}, which it does not use.`,
      remedy: `Cloudflare dashboard → Workers & Pages → ${project.name} → Settings → Bindings: remove it.`,
    }),
  );
}

/** Nothing is ever deployed to a host's preview environment; what has secrets there waits for somebody's branch. */
function previewOfHost(project: Project): Finding[] {
  const { env_vars: stored, d1_databases: databases } = project.deployment_configs.preview;
  const names = [...Object.keys(stored ?? {}), ...Object.keys(databases ?? {})];
  if (names.length === 0) return [];
  return [
    found("host-preview-settings", {
      subject: project.name,
      text: `The sign-in host's preview environment has ${names.join(", ")}: whoever deploys a branch of it has them.`,
      remedy: `Cloudflare dashboard → Workers & Pages → ${project.name} → Settings → Preview: remove them.`,
    }),
  ];
}

/** A deployment keeps the variables that it was made with. */
function behind({ project, status }: HostFacts, remedy: string): Finding[] {
  if (status === undefined) return [];
  const stored = project.deployment_configs.production.env_vars ?? {};
  const text = (name: string): string => stored[name]?.value ?? "";
  const differing = [
    ...(status.keys.entra === text(variables.entraKeyId) ? [] : ["Entra credential"]),
    ...(status.keys.signing.includes(text(variables.signingActive)) ? [] : ["signing key"]),
    ...(status.keys.cookie === text(variables.cookieActive) ? [] : ["cookie key"]),
  ];
  if (differing.length === 0) return [];
  return [
    found("host-behind-settings", {
      subject: project.name,
      text: `The live sign-in host was deployed with another ${differing.join(", ")} than its settings name.`,
      remedy,
    }),
  ];
}
