import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { variables } from "../../contract/names/variables.ts";
import { needsOf } from "../../contract/policy/needs.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { Application } from "../clients/graph-model.ts";
import type { ActionContext } from "../context.ts";
import { version } from "../version.ts";
import { removeOrphanCertificates } from "./certificate.ts";
import { removeOrphans } from "./credential.ts";
import { checkCredential } from "./credential-check.ts";
import { awaitApplication, configureApplication, createApplication, findApplication } from "./entra.ts";
import { checkSignIn } from "./sign-in-check.ts";
import { awaitHost, deleteOldHosts, hostDeployment, keysHeardOf } from "./sign-in-deployment.ts";
import { configureHost, type HostProject, prepareHostProject, rememberedClientId } from "./sign-in-host.ts";
import { readHostStatus } from "./sign-in-status.ts";
import { migrate, siteRow, siteWritten, writeSiteRow } from "./site-row.ts";

export interface OwnHostOptions {
  readonly context: ActionContext;
  /** The site's project, settled. */
  readonly site: Project;
  readonly policy: Policy;
  /** The sign-in host's project as read before; undefined where there is none. */
  readonly found: Project | undefined;
  readonly compatibilityDate: string;
  /** As `knownApplication` found it; undefined where it is to be created. */
  readonly gate: Application | undefined;
  /** Deploys a host made of this code under this bundle id; resolves with Cloudflare's id of the deployment. */
  deployHost(host: HostProject, code: string, bundle: string): Promise<string>;
}

export interface ReadyHost {
  readonly origin: string;
  /** The gate application's client id. */
  readonly clientId: string;
  readonly changes: readonly string[];
}

/**
 * On a push, in the repository that owns the sign-in host: application, credential, settings, this site's row, the
 * host's code, and a real authorization request at the end.
 * @throws ActionError of every step
 */
export async function ownHost(options: OwnHostOptions): Promise<ReadyHost> {
  const { context, site, policy, found, compatibilityDate } = options;
  const { inputs, cloudflare, log, trail } = context;
  const changes: string[] = [];
  const host = await prepareHostProject(cloudflare, inputs.signInHostProject, found);
  changes.push(...host.changes);
  trail.belongsInto(host.databaseId);
  const project = { type: "Pages project", uid: host.project.name } as const;
  for (const comment of host.changes) trail.add({ activity: "create", entity: project, comment });

  const wanted = { roles: needsOf(policy).roles, redirectUri: host.redirectUri };
  const gate = options.gate ?? (await newApplication(context, host, changes));
  const configured = await configureApplication(context, gate, wanted);
  changes.push(...configured.changes.map((change) => `Entra: ${change}`));
  const application = { type: "application", uid: gate.appId, name: gate.displayName } as const;
  for (const comment of configured.changes) trail.add({ activity: "update", entity: application, comment });

  log.info(
    `Entra: ${configured.changes.length === 0 ? "nothing to change" : configured.changes.join(", ")}.`,
  );

  const code = await readFile(join(context.dist, "gate", "host.js"), "utf8");
  const owner = { host: inputs.signInHostProject, runId: context.runner.runId };
  const credentialDeps = { ...context, runIsOver: context.github.runIsOver };
  const identity = identityOf(context, host, configured.application);
  // A host that is there is asked with patience: an older one than it must not take its place for want of an answer.
  const deployed = host.project.canonical_deployment?.id !== undefined;
  const live = deployed ? await readHostStatus(context.http, host.origin, 4) : undefined;
  const settings = await configureHost(credentialDeps, host, configured.application, identity, {
    owner,
    code,
    compatibilityDate,
    credential: inputs.entraCredential,
    rotate: inputs.rotate,
    heardOf: keysHeardOf(live, host.project.canonical_deployment?.created_on, context.now()),
  });
  changes.push(...settings.changes);

  const decision = hostDeployment(live, settings.bundle, version);
  if (decision.kind === "deploy") await migrate(cloudflare, host.databaseId);
  const row = await siteRow(site, policy, true);
  const written = await writeSiteRow(cloudflare, host.databaseId, row, context.now());
  changes.push(...written.map((line) => `row of ${site.name}: ${line}`));
  if (written.length > 0) trail.add(siteWritten(row));

  log.info(`Sign-in host ${host.origin}: ${decision.kind === "deploy" ? "to be deployed" : decision.kind}.`);

  let liveId = host.project.canonical_deployment?.id;
  if (decision.kind === "newer")
    log.notice(
      "Sign-in host",
      `It runs version ${decision.version}, newer than this action's ${version}; kept.`,
    );
  if (decision.kind === "deploy") {
    liveId = await options.deployHost(host, code, settings.bundle);
    await awaitHost(context, host.origin, settings.bundle);
    changes.push(`sign-in host deployed, bundle ${settings.bundle}`);
    trail.add({
      activity: "create",
      entity: { type: "deployment", uid: liveId, name: host.origin },
      comment: "sign-in host",
      about: { environment: "production", bundle: settings.bundle },
    });
  }
  const expected = { ...identity, redirectUri: host.redirectUri };
  await checkSignIn(context, row, expected);
  if (decision.kind === "deploy") await checkCredential(context, row, expected);
  if (decision.kind !== "newer") {
    const deleted = await deleteOldHosts(cloudflare, host.project.name, liveId);
    if (deleted > 0) {
      changes.push(`${deleted} old deployments of the sign-in host deleted`);
      trail.add({ activity: "delete", entity: project, comment: `${deleted} old deployments` });
    }
    // What the host before this one showed Entra, whatever an interrupted run has stored meanwhile.
    const before = live?.keys.entra ?? settings.previousKeyId ?? settings.entraKeyId;
    const inUse = [settings.entraKeyId, before];
    const removed = await removeOrphans(credentialDeps, configured.application, owner, inUse);
    removed.push(...(await removeOrphanCertificates(credentialDeps, configured.application, owner, inUse)));
    changes.push(...removed.map((name) => `credential removed: ${name}`));
    for (const name of removed) trail.add({ activity: "delete", entity: { type: "credential", uid: name } });
  }
  // Another writer may have undone it after it was read back; a host that signs in shows it only for the redirect URI.
  if (configured.changes.length > 0)
    await configureApplication(context, await findApplication(context.graph, identity.clientId), wanted);
  return { origin: host.origin, clientId: identity.clientId, changes };
}

/**
 * The gate application by the input, else as an earlier run remembered it; read before anything is changed anywhere, so
 * that a wrong tenant, a missing federated credential or a wrong id ends the run first.
 * @param found the sign-in host's project; undefined where there is none
 * @returns undefined where the application is to be created
 * @throws ActionError entra-*, graph-*, id-token-unavailable
 */
export async function knownApplication(
  { inputs, graph, entra }: ActionContext,
  found: Project | undefined,
): Promise<Application | undefined> {
  const known = inputs.gateClientId ?? rememberedClientId(found);
  if (known !== undefined) return findApplication(graph, known);
  await entra.graphToken();
  return undefined;
}

/** Created, and remembered before anything is built on it. */
async function newApplication(
  context: ActionContext,
  host: HostProject,
  changes: string[],
): Promise<Application> {
  const { graph, cloudflare, log, trail } = context;
  const made = await createApplication(graph, `Entra Gate ${host.project.name}`);
  await cloudflare.patchProject(host.project.name, {
    deployment_configs: {
      production: { env_vars: { [variables.clientId]: { type: "plain_text", value: made.appId } } },
    },
  });
  changes.push(`Entra: application ${made.displayName} created, client id ${made.appId}`);
  trail.add({
    activity: "create",
    entity: { type: "application", uid: made.appId, name: made.displayName },
  });
  log.notice(
    "Gate application created",
    `Client id ${made.appId}; it may be given as the input gate-client-id.`,
  );
  await awaitApplication(context, made.appId);
  return made;
}

function identityOf(context: ActionContext, host: HostProject, application: Application) {
  const { tenantId, entraAuthority: authority, graphUrl } = context.inputs;
  return { origin: host.origin, tenantId, clientId: application.appId, authority, graphUrl };
}
