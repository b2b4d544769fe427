import { compilePolicy } from "../../../contract/policy/compile.ts";
import type { ActionContext } from "../../context.ts";
import { ActionError } from "../../errors.ts";
import type { Check } from "../../findings.ts";
import { version } from "../../version.ts";
import { readPolicy } from "../policy.ts";
import { databaseOf } from "../sign-in-host.ts";
import { addressChecks } from "./addresses.ts";
import { ageChecks } from "./ages.ts";
import { deleteOpen } from "./delete-open.ts";
import { lookAtHost } from "./host.ts";
import { inspections } from "./inspections.ts";
import { listDeployments } from "./list.ts";
import { lookAtAll } from "./look-at-all.ts";
import type { Audited } from "./result.ts";
import type { Look } from "./sighting.ts";
import { withoutGone } from "./still-there.ts";
import { targetsOf } from "./targets.ts";

export interface AuditOptions {
  /** Commit at the tip of the default branch, whose policy counts. */
  readonly tip: string;
  /** Checks that were made before. */
  readonly before: readonly Check[];
  readonly deleteUngated: boolean;
  /** How one address is looked at. */
  readonly look: Look;
}

const progressEvery = 500;
/** Milliseconds that are kept for deleting, inspecting and reporting. */
const kept = { looking: 4 * 60_000, deleting: 2 * 60_000 };

/**
 * Looks at everything that a site has: every deployment in both environments, every alias, every domain; the sign-in
 * host; and what the inspections read. Deletes what is open, where that is wanted.
 * @throws ActionError project-missing, policy-*, cloudflare-*, github-*, service-*, deadline-exceeded
 */
export async function audit(context: ActionContext, options: AuditOptions): Promise<Audited> {
  const { cloudflare, github, inputs, log, now, sleep, runner, trail, deadline } = context;
  const began = now();
  const { look, tip } = options;
  const [policy, site, host] = await Promise.all([
    readPolicy(github, inputs.policyPath, tip),
    cloudflare.project(inputs.projectName),
    cloudflare.project(inputs.signInHostProject),
  ]);
  if (site === undefined) throw new ActionError("project-missing", `Project ${inputs.projectName}.`);
  const database = host && databaseOf(host);
  if (database !== undefined) trail.belongsInto(database);
  const policies = {
    preview: await compilePolicy(policy, "preview"),
    production: await compilePolicy(policy, "production"),
  };
  const listed = await log.group("Deployments", () =>
    listDeployments(cloudflare, site.name, (read) => {
      if (read % progressEvery === 0) log.info(`${read} deployments read.`);
    }),
  );
  const targets = targetsOf(site, listed.deployments, policies);
  log.info(`${listed.deployments.length} deployments, ${targets.length} addresses.`);
  const left = (reserve: number) => (): number => Math.max(0, deadline.left() - reserve);
  const seen = await log.group("Asking every address", () =>
    lookAtAll(targets, { look, log, left: left(kept.looking), now, sleep }),
  );
  const confirmed = await withoutGone(context, seen, look, left(kept.looking));
  // Before anything is deleted: that can use up what Cloudflare lets be asked in the time that is left.
  const atHost = await lookAtHost(context, host);
  const inspected = { policy, ...policies, site, host };
  const others: Check[] = [];
  for (const inspect of inspections) others.push(...(await inspect(context, inspected)));
  const live = site.canonical_deployment?.id;
  const { looked, deleted } = options.deleteUngated
    ? await deleteOpen({ context, looked: confirmed, live, left: left(kept.deleting), look })
    : { looked: confirmed, deleted: [] };
  const project = site.name;
  const signingKey = atHost.status?.keys.signing[0];
  return {
    project,
    signInHostProject: inputs.signInHostProject,
    repository: runner.repository,
    commit: tip,
    policyPath: inputs.policyPath,
    policyDigest: policies.preview.digest,
    runUrl: runner.runUrl,
    began,
    ended: now(),
    listed,
    looked,
    deleted,
    checks: [
      ...addressChecks({ project, listed, looked, live, at: new Date(now()).toISOString() }),
      ...ageChecks({ project, policies, looked, live, version, signingKey, now: now() }),
      ...atHost.checks,
      ...others,
      ...options.before,
    ],
  };
}
