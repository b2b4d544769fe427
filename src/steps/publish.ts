import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BearerConfig, expiryOf, type PinnedKey } from "../../contract/config/site.ts";
import type { DeploymentConfig } from "../clients/cloudflare-model.ts";
import type { BuildContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { productionOrigins } from "../origins.ts";
import type { RehearsalBindings } from "../rehearsal/job.ts";
import type { Tools } from "../tools/install.ts";
import { deploy } from "./deploy.ts";
import { putAwayEarlier } from "./earlier-runs.ts";
import { digestOf, sameModules } from "./folder.ts";
import { giveWay } from "./give-way.ts";
import { type Proof, prove, recordDeployment } from "./prove.ts";
import { rehearse } from "./rehearse.ts";
import { reportDeploying } from "./report.ts";
import { countOutcomes, type Draft } from "./report-model.ts";
import { deployDeps } from "./tools.ts";
import type { Bundle, DeployTarget, Pack } from "./types.ts";
import { assembleOpen, newBundleId, wrapPack } from "./wrap.ts";

export interface PublishOptions extends Proof {
  readonly context: BuildContext;
  readonly tools: Tools;
  readonly pack: Pack;
  readonly signIn: Proof["signIn"] & { readonly keys: readonly PinnedKey[] };
  readonly bearer?: BearerConfig;
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
    const {
      modules: uploaded = {},
      earlier = [],
      ...deployment
    } = await deploy(bundle, options.target, deps);
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
    await putAwayEarlier(options.context, earlier, draft);
    const closed = bundle.kind === "gated" && !options.policy.report;
    draft.gated = closed;
    draft.verified = closed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type BundleOptions = Pick<
  PublishOptions,
  "context" | "tools" | "pack" | "project" | "policy" | "signIn" | "bearer"
> & { readonly target: Pick<DeployTarget, "environment"> };

/**
 * Wraps and rehearses; as it was built where the policy leaves the environment open.
 * @param into a folder that does not exist yet
 * @param draft is told what came of each step
 * @throws ActionError rewrite-widens, rehearsal-*, site-*
 */
export async function makeBundle(options: BundleOptions, into: string, draft: Draft): Promise<Bundle> {
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
