import type { CompiledPolicy, Environment } from "../../../contract/policy/model.ts";
import type { PagesDeployment, Project } from "../../clients/cloudflare-model.ts";
import { productionOrigins } from "../../origins.ts";
import { pathsToAsk } from "./paths.ts";
import type { Expected } from "./sighting.ts";

/** One origin of a project, with what it has to be. */
export interface Target {
  readonly origin: string;
  readonly kind: "deployment" | "alias" | "domain";
  /** That answers there; absent for domains, which follow the live one. */
  readonly deployment?: PagesDeployment;
  readonly expected: Expected;
}

export interface Policies {
  readonly preview: CompiledPolicy;
  readonly production: CompiledPolicy;
}

/** Every origin under which a project may show something: each deployment's own, every alias, every domain. */
export function targetsOf(
  project: Project,
  deployments: readonly PagesDeployment[],
  policies: Policies,
): Target[] {
  const paths = { preview: pathsToAsk(policies.preview), production: pathsToAsk(policies.production) };
  const expected = (environment: Environment): Expected => ({ environment, paths: paths[environment] });
  const domains = productionOrigins(project);
  const targets = new Map<string, Target>();
  const add = (target: Target): void => {
    if (!targets.has(target.origin)) targets.set(target.origin, target);
  };
  const live = project.canonical_deployment ? {} : { mayBeEmpty: true };
  for (const origin of domains)
    add({ origin, kind: "domain", expected: { ...expected("production"), ...live } });
  for (const deployment of deployments) {
    const bundle = bundleOf(deployment);
    add({
      origin: new URL(deployment.url).origin,
      kind: "deployment",
      deployment,
      expected: {
        ...expected(deployment.environment),
        ...(bundle === undefined ? {} : { bundle }),
        ...(!isDeployed(deployment) ? { mayBeEmpty: true } : {}),
      },
    });
    for (const alias of deployment.aliases)
      add({
        origin: new URL(alias).origin,
        kind: "alias",
        deployment,
        expected: expected(deployment.environment),
      });
  }
  return [...targets.values()];
}

/** The bundle that the action named when it deployed; undefined for what something else has deployed. */
export function bundleOf({ deployment_trigger: trigger }: PagesDeployment): string | undefined {
  return /^\[entra-gate ([0-9a-f]{32})\]/.exec(trigger?.metadata?.commit_message ?? "")?.[1];
}

function isDeployed({ latest_stage: stage }: PagesDeployment): boolean {
  return !stage || (stage.name === "deploy" && stage.status === "success");
}
