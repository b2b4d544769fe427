import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BearerConfig, expiryOf, type PinnedKey } from "../../contract/config/site.ts";
import type { CompiledPolicy } from "../../contract/policy/model.ts";
import type { DeploymentConfig, Project } from "../clients/cloudflare-model.ts";
import type { BuildContext } from "../context.ts";
import { ActionError, asActionError } from "../errors.ts";
import { productionOrigins } from "../origins.ts";
import type { RehearsalBindings } from "../rehearsal/job.ts";
import type { Tools } from "../tools/install.ts";
import { type DeployDeps, deploy, withdraw } from "./deploy.ts";
import { digestOf, sameModules } from "./folder.ts";
import { giveWay } from "./give-way.ts";
import { checkMachines, type Machine } from "./machines.ts";
import { rehearse } from "./rehearse.ts";
import { reportDeploying } from "./report.ts";
import { countOutcomes, type Draft } from "./report-model.ts";
import { deployDeps } from "./tools.ts";
import type { Bundle, Deployment, DeployTarget, Pack } from "./types.ts";
import { originsOf, requireClosed, uncovered, verify } from "./verify.ts";
import { assembleOpen, newBundleId, wrapPack } from "./wrap.ts";

export interface PublishOptions {
  readonly context: BuildContext;
  readonly tools: Tools;
  readonly pack: Pack;
  readonly project: Project;
  readonly policy: CompiledPolicy;
  readonly signIn: { readonly origin: string; readonly keys: readonly PinnedKey[] };
  readonly bearer?: BearerConfig;
  /** Applications that ask for a session once it is deployed. */
  readonly machines?: readonly Machine[];
  readonly target: DeployTarget;
  /** Throws where something newer has come in the meantime; asked right before the upload, and at the end. */
  stillNewest(): Promise<void>;
}

/** For a project of whose settings Cloudflare names no date. */
const fallbackDate = "2026-11-01";

/**
 * Wraps, rehearses, deploys, verifies. What cannot be proved closed is covered and deleted.
 * @param draft is told what came of each step, so that a failure can be reported with all that was found before it
 * @throws ActionError of every step
 */
export async function publish(options: PublishOptions, draft: Draft): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-site-"));
  try {
    const bundle = await makeBundle(options, join(folder, "site"), draft);
    await options.stillNewest();
    draft.githubDeployment = await reportDeploying(options.context, draft);
    const deps = deployDeps(options.context, options.tools);
    const { modules: uploaded = {}, ...deployment } = await deploy(bundle, options.target, deps);
    options.context.log.info(`Deployed: ${deployment.url} (${deployment.environment}).`);
    const own = deployment.environment === "production" ? productionOrigins(options.project) : [];
    if (draft.bundle !== undefined && bundle.modules !== undefined) {
      const same = sameModules(bundle.modules, uploaded);
      draft.bundle = { ...draft.bundle, modules: { rehearsed: bundle.modules, uploaded, same } };
    }
    draft.deployment = { ...deployment, aliases: [...new Set([...deployment.aliases, ...own])] };
    if (bundle.kind === "gated") await prove(options, bundle, deployment, deps, draft);
    recordDeployment(options, bundle, draft);
    await giveWay(options.context, deployment, deps, options.stillNewest);
    const closed = bundle.kind === "gated" && !options.policy.report;
    draft.gated = closed;
    draft.verified = closed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What became of a deployment; its addresses tell later which commit somebody saw. */
function recordDeployment(
  { context, target, policy }: PublishOptions,
  bundle: Bundle,
  { deployment, subject }: Draft,
  failure?: string,
): void {
  if (deployment === undefined) return;
  const gated = policy.report ? "report mode: logged, not closed" : "behind the gate";
  const { environment, pullRequest, commit } = subject;
  context.trail.add({
    activity: "create",
    entity: { type: "deployment", uid: deployment.id, name: deployment.url },
    comment: bundle.kind === "gated" ? gated : "not gated, as the policy says",
    origins: [deployment.url, ...deployment.aliases],
    project: target.project,
    about: { environment, commit, bundle: bundle.id, ...(pullRequest === undefined ? {} : { pullRequest }) },
    ...(failure === undefined ? {} : { failure }),
  });
}

async function makeBundle(options: PublishOptions, into: string, draft: Draft): Promise<Bundle> {
  const { context, pack, policy, project, target, signIn, bearer } = options;
  if (policy.open) {
    const open = await assembleOpen(pack, target.environment, into);
    draft.bundle = { id: open.id, kind: open.kind, files: open.files };
    return open;
  }
  const { pullRequest, commit } = draft.subject;
  const config = {
    signIn,
    ...(bearer === undefined ? {} : { bearer }),
    policy,
    project: project.name,
    bundle: newBundleId(),
    commit,
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...expiryOf(policy, context.now()),
  };
  const gate = join(context.dist, "gate", policy.bearer ? "site-bearer.js" : "site.js");
  const wrapped = await wrapPack(pack, config, into, gate);
  const settings = project.deployment_configs[target.environment];
  const { bundle, report } = await rehearse(wrapped, {
    dist: context.dist,
    tools: options.tools.folder,
    compatibilityDate: settings.compatibility_date ?? fallbackDate,
    compatibilityFlags: settings.compatibility_flags ?? [],
    bindings: bindingsOf(settings),
    timeout: Math.max(1, Math.min(180_000, context.deadline.left())),
    card: {
      project: project.name,
      ...(policy.name === undefined ? {} : { name: policy.name }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
    },
  });
  draft.rehearsal = report;
  context.log.info(`Rehearsed behind the gate: ${countOutcomes(report)}.`);
  draft.bundle = { id: bundle.id, kind: bundle.kind, files: bundle.files, digest: digestOf(bundle.files) };
  return bundle;
}

/** Secrets can't be read back; code that looks for one finds a text. */
function bindingsOf(config: DeploymentConfig): RehearsalBindings {
  const names = (map: Readonly<Record<string, unknown>> | null | undefined): string[] =>
    Object.entries(map ?? {}).flatMap(([name, value]) => (value === null ? [] : [name]));
  const vars = Object.entries(config.env_vars ?? {}).flatMap(([name, variable]) =>
    variable === null
      ? []
      : [[name, variable.type === "secret_text" ? "not known in a rehearsal" : (variable.value ?? "")]],
  );
  return {
    vars: Object.fromEntries(vars),
    d1: names(config.d1_databases),
    kv: names(config.kv_namespaces),
    r2: names(config.r2_buckets),
  };
}

/** From outside, everywhere it answers. An open deployment is out of sight before anybody is told of it. */
async function prove(
  options: PublishOptions,
  bundle: Bundle,
  deployment: Deployment,
  deps: DeployDeps,
  draft: Draft,
): Promise<void> {
  const domains = deployment.environment === "production" ? productionOrigins(options.project) : [];
  const origins = originsOf(deployment, domains);
  try {
    draft.verification = await verify(bundle, origins, { wait: options.context.sleep });
    options.context.log.info(`From outside, ${origins.join(", ")}: ${countOutcomes(draft.verification)}.`);
    requireClosed(draft.verification);
    await proveMachines(options, bundle, deployment, draft);
  } catch (error) {
    recordDeployment(options, bundle, draft, asActionError(error).code);
    // In report mode nothing there is closed to anybody: an outage would protect nothing.
    if (!options.policy.report) await cover(options, deployment, domains, deps, draft);
    throw error;
  }
}

/** Whoever should get in does, and a machine without a role does not. */
async function proveMachines(
  { context, machines, policy, signIn }: PublishOptions,
  bundle: Bundle,
  { url: origin }: Pick<Deployment, "url">,
  draft: Draft,
): Promise<void> {
  if (machines === undefined) return;
  const at = { signInOrigin: signIn.origin, origin, bundle, policy };
  draft.machines = await checkMachines(context, machines, at);
  for (const { app, admitted, saw } of draft.machines)
    context.log.info(
      `With a session, ${app}: ${admitted ? `let in${saw ? `, shown ${saw}` : ""}` : "kept out"}.`,
    );
}

/** Whatever goes wrong here is told beside the reason for it, never in its place. */
async function cover(
  { context, target }: PublishOptions,
  deployment: Deployment,
  domains: readonly string[],
  deps: DeployDeps,
  draft: Draft,
): Promise<void> {
  const byHand = (what: string): void =>
    context.log.warning("Not covered", `${what} Disable or delete by hand: ${deployment.url}`);
  try {
    deps.wrapUp();
    const { cover: closed, deleted } = await withdraw(deployment, target, deps);
    draft.changes.push(`deny-all deployment ${closed.id} put over ${deployment.id}`);
    if (deleted) {
      const entity = { type: "deployment", uid: deployment.id, name: deployment.url } as const;
      context.trail.add({ activity: "delete", entity, project: target.project });
    }
    const left = await uncovered(closed, originsOf(closed, domains), { wait: context.sleep });
    if (left.length > 0) byHand(`Still answered: ${left.join(", ")}.`);
    if (!deleted) byHand(`Deployment ${deployment.id} could not be deleted.`);
  } catch (error) {
    byHand(asActionError(error).message);
  }
}

/** Downloads the build run's artifact. */
export async function fetchArtifact(context: BuildContext): Promise<Uint8Array> {
  const { github, inputs, build } = context;
  const artifact = await github.findArtifact(build.run.id, inputs.artifact);
  if (artifact === undefined)
    throw new ActionError("artifact-missing", `Run ${build.run.id}, artifact ${inputs.artifact}.`);
  if (artifact.expired)
    throw new ActionError("artifact-expired", `Run ${build.run.id}, artifact ${inputs.artifact}.`);
  if (artifact.size > largestArtifact)
    throw new ActionError("artifact-too-large", `${artifact.size} bytes, at most ${largestArtifact}.`);
  return github.downloadArtifact(artifact, largestArtifact);
}

/** Compressed; what it unpacks to has a bound of its own. */
const largestArtifact = 512 * 1024 * 1024;

/** A folder for the artifact's files, below the runner's own temporary one. */
export async function unpackFolder(context: BuildContext): Promise<string> {
  const parent = join(context.runner.temp, "entra-gate");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, "pack-"));
}
