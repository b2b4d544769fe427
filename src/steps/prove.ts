import type { CompiledPolicy } from "../../contract/policy/model.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { asActionError } from "../errors.ts";
import { productionOrigins } from "../origins.ts";
import { cover } from "./cover.ts";
import type { DeployDeps } from "./deploy.ts";
import { checkMachines, type Machine } from "./machines.ts";
import { countOutcomes, type Draft } from "./report-model.ts";
import type { Bundle, Deployment, DeployTarget } from "./types.ts";
import { originsOf, requireClosed, verify } from "./verify.ts";

/** What a deployment is proved with. */
export interface Proof {
  readonly context: Pick<ActionContext, "entra" | "http" | "log" | "now" | "sleep" | "trail">;
  readonly project: Project;
  readonly policy: CompiledPolicy;
  readonly signIn: { readonly origin: string };
  /** Applications that ask for a session once it is deployed. */
  readonly machines?: readonly Machine[];
  readonly target: DeployTarget;
}

/**
 * Asks from outside, everywhere where it answers. What can't be proved closed, for whatever reason, the run's deadline
 * among them, is out of sight before anybody is told of it.
 * @param draft is told what was found
 * @throws ActionError verify-open, verify-inconclusive, session-refused, machine-admitted, deadline-exceeded
 */
export async function prove(
  options: Proof,
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
    const { context, target } = options;
    if (!options.policy.report) await cover(context, { deployment, target, domains }, deps, draft);
    throw error;
  }
}

/** Whoever should get in does, and a machine without a role does not. */
async function proveMachines(
  { context, machines, policy, signIn }: Proof,
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

/** What became of a deployment; its addresses tell later which commit somebody saw. */
export function recordDeployment(
  { context, target, policy }: Proof,
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
