import { compilePolicy } from "../../contract/policy/compile.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import type { PagesDeployment, Project } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { ActionError, asActionError } from "../errors.ts";
import { originOfHost, productionOrigins } from "../origins.ts";
import { planElsewhere } from "../probes/built-elsewhere.ts";
import { joinReports } from "../probes/run.ts";
import type { Tools } from "../tools/install.ts";
import { type BuiltFiles, builtFiles } from "./built-files.ts";
import { attempt } from "./conclude.ts";
import { cover } from "./cover.ts";
import { withoutSlash } from "./deploy.ts";
import { removeDeployment } from "./deployed.ts";
import { readPolicy } from "./policy.ts";
import { prepareProduction } from "./prepare.ts";
import { countOutcomes, type Draft } from "./report-model.ts";
import { databaseOf } from "./sign-in-host.ts";
import { deployDeps, toolsFor } from "./tools.ts";
import type { Deployment, ProbeReport } from "./types.ts";
import { originsOf, requireClosed, verifyPlan } from "./verify.ts";

/** What Cloudflare built of a commit. */
export interface Built {
  readonly project: Project;
  readonly commit: string;
  /** Newest first. */
  readonly deployments: readonly PagesDeployment[];
  readonly defaultBranch: string;
  /** Commit at the default branch's tip, whose policy counts. */
  readonly tip: string;
}

/** A build that has ended is published already. */
const patience = { statusAttempts: 10 };

/**
 * Asks from outside whether what Cloudflare built is closed, and takes away what is not shown to be. Of the default
 * branch's newest commit, project, Entra and sign-in host are then brought in line, as on a push.
 *
 * @param draft is told what was found
 * @throws ActionError deployment-missing, policy-*, verify-open, verify-inconclusive, project-fails-open; of every step
 */
export async function checkBuilt(context: ActionContext, built: Built, draft: Draft): Promise<void> {
  const { cloudflare, github, inputs } = context;
  const { project, deployments, commit, tip } = built;
  if (deployments.length === 0)
    throw new ActionError("deployment-missing", `Project ${project.name}, commit ${commit}.`);
  const policy = await readPolicy(github, inputs.policyPath, tip);
  const host = await cloudflare.project(inputs.signInHostProject);
  const database = host && databaseOf(host);
  if (database !== undefined) context.trail.belongsInto(database);
  if (host !== undefined) draft.signInOrigin = originOfHost(host.subdomain);
  const paths = builtFiles(await github.filesOf(commit), project.build_config);
  let installing: Promise<Tools> | undefined;
  const tools = () => {
    installing ??= toolsFor(context);
    return installing;
  };
  const error = await attempt(() => verifyAll({ context, built, policy, paths, tools }, draft));
  const newest = deployments.some(({ environment }) => environment === "production") && commit === tip;
  if (newest) {
    const found = { policy, site: project, host, installing: tools() };
    const wanted = { branch: built.defaultBranch, commit, ownBuilds: "leave" } as const;
    draft.signInOrigin = (await prepareProduction(context, wanted, found, draft)).signInOrigin;
  }
  if (error !== undefined) throw error;
  const open = deployments.find(
    ({ environment }) => project.deployment_configs[environment].fail_open !== false,
  );
  if (!newest && open !== undefined)
    throw new ActionError("project-fails-open", `Project ${project.name}, environment ${open.environment}.`);
}

interface Checking {
  readonly context: ActionContext;
  readonly built: Built;
  readonly policy: Policy;
  readonly paths: BuiltFiles;
  tools(): Promise<Tools>;
}

async function verifyAll(checking: Checking, draft: Draft): Promise<void> {
  const { context, built } = checking;
  const reports: ProbeReport[] = [];
  for (const deployment of built.deployments) {
    const report = await verifyOne(checking, deployment, draft);
    if (report !== undefined) reports.push(report);
  }
  // Nothing was to be closed.
  if (reports.length === 0) return;
  draft.verification = joinReports(reports);
  context.log.info(`From outside: ${countOutcomes(draft.verification)}.`);
  requireClosed(draft.verification);
  draft.gated = draft.mode !== "report";
  draft.verified = draft.gated;
}

/** @returns undefined where the policy leaves it open */
async function verifyOne(
  checking: Checking,
  found: PagesDeployment,
  draft: Draft,
): Promise<ProbeReport | undefined> {
  const { context, built, paths } = checking;
  const { project } = built;
  const policy = await compilePolicy(checking.policy, found.environment);
  const deployment = deploymentOf(found, project);
  draft.deployment ??= deployment;
  draft.policyDigest ??= policy.digest;
  if (policy.open) return undefined;
  if (policy.report) draft.mode = "report";
  const isLive = project.canonical_deployment?.id === found.id;
  const domains = isLive ? productionOrigins(project) : [];
  const plan = planElsewhere({ policy, project: project.name, signInOrigin: draft.signInOrigin, ...paths });
  const report = await verifyPlan(plan, originsOf(deployment, domains), {
    ...patience,
    wait: context.sleep,
  });
  remember(context, deployment, draft, report.ok);
  if (!report.ok && !policy.report) await takeAway(checking, deployment, domains, draft);
  return report;
}

function deploymentOf(found: PagesDeployment, project: Project): Deployment {
  return {
    id: found.id,
    project: project.name,
    url: withoutSlash(found.url),
    aliases: found.aliases.map(withoutSlash),
    environment: found.environment,
    branch: found.deployment_trigger?.metadata?.branch ?? "",
    bundle: "",
  };
}

function remember(
  { trail }: ActionContext,
  deployment: Deployment,
  { subject }: Draft,
  closed: boolean,
): void {
  const { id, url, aliases, environment, project } = deployment;
  const { commit, pullRequest } = subject;
  trail.add({
    activity: "create",
    entity: { type: "deployment", uid: id, name: url },
    comment: "built by Cloudflare",
    origins: [url, ...aliases],
    project,
    about: { environment, commit, ...(pullRequest === undefined ? {} : { pullRequest }) },
    ...(closed ? {} : { failure: "verify-open" }),
  });
}

/** Covered first, since a deleted deployment may go on answering; where that is not to be done, deleted all the same. */
async function takeAway(
  { context, built, tools }: Checking,
  deployment: Deployment,
  domains: readonly string[],
  draft: Draft,
): Promise<void> {
  const { project, environment, branch, id } = deployment;
  const message = `closed ${id}`;
  const productionBranch = built.project.production_branch ?? undefined;
  const target = { project, branch, productionBranch, environment, commit: built.commit, message } as const;
  const installed = await tools().catch(() => undefined);
  if (installed !== undefined) {
    const deps = deployDeps(context, installed);
    if (await cover(context, { deployment, target, domains }, deps, draft)) return;
  }
  try {
    await removeDeployment(project, id, context);
    draft.changes.push(`deployment ${id} deleted`);
  } catch (error) {
    context.log.warning("Not deleted", `Delete by hand: ${deployment.url}. ${asActionError(error).message}`);
  }
}
