import type { Deployment, DeploymentConfig } from "../../../local/cloudflare/state/model.ts";
import { demo } from "../../../local/world/demo.ts";
import type { World } from "../../../local/world/world.ts";
import { addresses, get, living } from "../company.ts";
import type { Occasion } from "./scenarios.ts";

/**
 * What a run leaves at all three services, with what differs from run to run (ids, times, keys) left out, so that it
 * can be compared with what another run left. Of the site's deployments those of the run's commit count.
 */
export async function endState(world: World, occasion: Occasion) {
  const { cloudflare } = world;
  const [site, host] = [demo.project, demo.signInHostProject].map((name) => cloudflare.project(name));
  const state = {
    entra: entraState(world),
    projects: [site, host].map((project) => ({
      name: project?.name,
      productionBranch: project?.productionBranch,
      preview: project && configOf(project.configs.preview),
      production: project && configOf(project.configs.production),
    })),
    deployments: {
      site: living(world)
        .filter(({ commit }) => commit.commit_hash === occasion.commit)
        .map(deploymentOf),
      host: living(world, demo.signInHostProject).map(deploymentOf),
    },
    sites: await siteRows(world),
    github: githubState(world, occasion),
  };
  const text = JSON.stringify(state);
  return JSON.parse(text, (_, value) => (typeof value === "string" ? normal(value) : value)) as typeof state;
}

function entraState({ entra, cloudflare }: World) {
  const { directory, cast } = entra;
  const configured = cloudflare.project(demo.signInHostProject)?.configs.production.env_vars;
  const appId = configured?.["ENTRA_CLIENT_ID"]?.value ?? cast.applications.gate.appId;
  const application = directory.application(appId);
  const live = cloudflare.deployments(demo.signInHostProject).findLast(({ deletedAt }) => !deletedAt);
  const inUse = live?.config.env_vars["GATE_ENTRA_KEY_ID"]?.value;
  return {
    applications: directory.applications.size,
    servicePrincipals: directory.servicePrincipals.size,
    displayName: application?.displayName,
    redirectUris: application?.web.redirectUris,
    roles: application?.appRoles.map(({ value, isEnabled }) => `${value} ${isEnabled}`),
    claims: application?.optionalClaims,
    groupMembershipClaims: application?.groupMembershipClaims,
    secrets: application?.passwordCredentials.map(({ displayName }) => displayName),
    secretInUse: application?.passwordCredentials.some(({ keyId }) => keyId === inUse),
    certificates: application?.keyCredentials.length,
    federated: directory.applicationEntry(appId)?.federatedCredentials.length,
  };
}

function configOf(config: DeploymentConfig) {
  const variables = Object.entries(config.env_vars).map(
    ([name, { type, value }]) => `${name} ${type} ${type === "secret_text" ? "" : value}`,
  );
  const { env_vars: _, ...others } = config;
  return { variables: variables.toSorted(), others };
}

function deploymentOf({ environment, alias, commit, failure }: Deployment): string {
  return `${environment} ${alias ?? ""} ${commit.branch} ${commit.commit_message} ${failure ?? ""}`;
}

async function siteRows(world: World) {
  const { results } = await world.cloudflare.sql(
    demo.signInHostProject,
    "SELECT project, data FROM sites ORDER BY project",
  );
  return results;
}

function githubState({ demo: { repository } }: World, { commit, pullRequest }: Occasion) {
  return {
    status: repository.statuses.findLast(({ sha }) => sha === commit)?.state,
    comments: repository.comments.filter(({ issue }) => issue === pullRequest).map(({ body }) => body),
    // Of the deployments of a job's own environment, which the runner makes, there is one more for each run.
    deployments: repository.deployments
      .filter(({ sha, environment }) => sha === commit && environment !== demo.environment)
      .map(({ statuses }) => statuses.at(-1)?.state)
      .filter((state) => state !== "inactive"),
  };
}

const replaced: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "{id}"],
  [/\d{8}_[0-9A-F]{6}/g, "{key}"],
  [/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, "{time}"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d/g, "{time}"],
  [/[0-9a-f]{16,}/gi, "{hex}"],
  [/\b[0-9a-f]{8}\b/g, "{label}"],
  [/[0-9a-f]{12}/g, "{hex}"],
  [/\d+/g, "{n}"],
  [/\{n\} deployments?/g, "{n} deployments"],
];

function normal(text: string): string {
  return replaced.reduce((left, [pattern, by]) => left.replace(pattern, by), text);
}

/** What anybody may read at the addresses of everything that lives: those that answered with the site's content. */
export async function openAddresses(world: World): Promise<readonly string[]> {
  const { production, deployment } = addresses(world);
  const alive = living(world);
  const aliases = alive.flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
  const own = alive.slice(-3).map(({ shortId }) => deployment(shortId));
  const bases = new Set([
    production,
    ...own,
    ...aliases.slice(-1).map((alias) => production.replace("//", `//${alias}.`)),
  ]);
  const open: string[] = [];
  for (const url of [...bases].flatMap((base) =>
    ["/", "/docs/", "/style.css", "/x"].map((at) => base + at),
  )) {
    const { body } = await get(url);
    if (body.includes(world.demo.nonce)) open.push(url);
  }
  return open;
}

/** Answers with the site's content that anybody was ever given here. */
export function contentShown(world: World): readonly string[] {
  return world.log.calls
    .filter(({ service, marked }) => service === "site" && marked === true)
    .map(({ host, path }) => host + path);
}
