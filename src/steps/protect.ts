import type { SiteConfig } from "../../contract/config/site.ts";
import { compilePolicy } from "../../contract/policy/compile.ts";
import type { CompiledPolicy } from "../../contract/policy/model.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { BuildContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { unpackArtifact } from "./artifact.ts";
import { prepareMachines } from "./machines.ts";
import { readPolicy } from "./policy.ts";
import { readPolicyChange } from "./policy-change.ts";
import { requireClosedPreviews } from "./preflight.ts";
import { type Found, prepareProduction, type Ready } from "./prepare.ts";
import { fetchArtifact, type PublishOptions, publish, unpackFolder } from "./publish.ts";
import type { Draft } from "./report-model.ts";
import { existingHost, rememberedClientId } from "./sign-in-host.ts";
import { readHostKeys } from "./sign-in-status.ts";
import { requireNewest } from "./still-newest.ts";
import { toolsFor } from "./tools.ts";
import type { DeployTarget, Pack } from "./types.ts";
import { type Deployable, previewBranch } from "./which-run.ts";

/**
 * The whole of `protect` for a run that may deploy: everything is read and checked before anything is changed.
 * @param tip commit at the tip of the default branch, whose policy counts
 * @param draft is told what came of each step
 * @throws ActionError of every step
 */
export async function protect(
  context: BuildContext,
  decision: Deployable,
  tip: string,
  draft: Draft,
): Promise<void> {
  const { cloudflare, inputs, log } = context;
  const installing = toolsFor(context);
  // It is waited for below; until then its failure must not count as one that nobody handles.
  installing.catch(() => undefined);
  const { policy, pack } = await log.group("Preflight: policy and artifact", () => readAll(context, tip));
  if (decision.kind === "preview" && decision.fork) requireStatic(pack);
  if (decision.kind === "preview" && !decision.fork) {
    const change = await readPolicyChange(context.github, inputs.policyPath, decision.commit, policy);
    if (change !== undefined) draft.policyChange = change;
  }
  const compiled = await compilePolicy(policy, draft.subject.environment);
  draft.policyDigest = compiled.digest;
  if (compiled.report) {
    draft.mode = "report";
    log.warning("Report mode", `${inputs.policyPath}: ${compiled.environment} is not closed, only logged.`);
  }
  const [site, host] = await Promise.all([
    cloudflare.project(inputs.projectName),
    cloudflare.project(inputs.signInHostProject),
  ]);
  const found = { policy, site, host, installing };
  const wanted = {
    branch: context.build.defaultBranch,
    commit: decision.commit,
    ownBuilds: inputs.takeOver ? "take-over" : "refuse",
  } as const;
  const ready =
    decision.kind === "preview"
      ? preparePreview(context, decision, found)
      : await prepareProduction(context, wanted, found, draft);
  draft.signInOrigin = ready.signInOrigin;
  const keys = await readHostKeys(context.http, ready.signInOrigin);
  const published = {
    context,
    tools: await installing,
    pack,
    project: ready.project,
    policy: compiled,
    signIn: { origin: ready.signInOrigin, keys },
    ...bearerOf(inputs, compiled, ready),
    ...(await machinesOf(context, compiled, ready)),
    target: targetOf(decision, ready.project),
    stillNewest: () => requireNewest(context, decision),
  };
  await log.group("Wrap, rehearse, deploy, verify", () => publish(published, draft));
}

/** The test application and one without a role, where the settings name the first and the gate is to be closed. */
async function machinesOf(
  context: BuildContext,
  policy: CompiledPolicy,
  { clientId: gate }: Ready,
): Promise<Pick<PublishOptions, "machines">> {
  const { testClientId: test, clientId: other } = context.inputs;
  if (!test || !gate || policy.open || policy.report) return {};
  return { machines: await prepareMachines(context, { test, other, gate }, policy) };
}

/**
 * Reads the policy as of a commit, and the build's artifact.
 * @throws ActionError policy-*, artifact-*, github-*
 */
export async function readAll(context: BuildContext, tip: string): Promise<{ policy: Policy; pack: Pack }> {
  const { github, inputs, log } = context;
  const policy = await readPolicy(github, inputs.policyPath, tip);
  log.info(`Policy ${inputs.policyPath} of ${tip.slice(0, 12)}: valid, ${policy.tests.length} tests pass.`);
  const pack = await unpackArtifact(await fetchArtifact(context), await unpackFolder(context));
  const { kind, files } = pack.manifest;
  log.info(`Artifact ${inputs.artifact} of run ${context.build.run.id}: ${kind}, ${files.length} files.`);
  return { policy, pack };
}

/** Code would run with the bindings and variables that the project has for previews. */
function requireStatic({ manifest }: Pack): void {
  const [module] = manifest.modules;
  if (module !== undefined)
    throw new ActionError(
      "fork-not-static",
      `It has ${manifest.modules.length} modules, ${module.name} first.`,
    );
}

/** Whose bearer tokens a production takes, where its policy has it take any. */
export function bearerOf(
  { tenantId, entraAuthority }: BuildContext["inputs"],
  { bearer }: CompiledPolicy,
  { clientId }: Pick<Ready, "clientId">,
): Pick<SiteConfig, "bearer"> {
  return bearer && clientId ? { bearer: { tenantId, clientId, authority: entraAuthority } } : {};
}

/** A pull request's run changes no setting and writes nothing to Entra. */
function preparePreview(
  { inputs, trail }: BuildContext,
  decision: Deployable & { readonly kind: "preview" },
  found: Found,
): Ready {
  const { site } = found;
  if (site === undefined) throw new ActionError("project-missing", `Project ${inputs.projectName}.`);
  requireClosedPreviews(site, previewBranch(decision.pullRequest));
  const host = existingHost(inputs.signInHostProject, found.host);
  trail.belongsInto(host.databaseId);
  const clientId = inputs.gateClientId ?? rememberedClientId(found.host);
  return { project: site, signInOrigin: host.origin, clientId };
}

function targetOf(decision: Deployable, project: Project): DeployTarget {
  const productionBranch = project.production_branch ?? undefined;
  const common = { project: project.name, commit: decision.commit, productionBranch };
  if (decision.kind === "preview") {
    const branch = previewBranch(decision.pullRequest);
    return { ...common, branch, environment: "preview", message: `pull request ${decision.pullRequest}` };
  }
  const branch = project.production_branch;
  if (!branch)
    throw new ActionError("cloudflare-request-refused", `Project ${project.name} has no production branch.`);
  return { ...common, branch, environment: "production", message: decision.commit.slice(0, 12) };
}
