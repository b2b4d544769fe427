import type { PagesDeployment } from "../clients/cloudflare-model.ts";
import { forMarkdown } from "../escape.ts";
import type { CleanupInputs } from "../inputs-cleanup.ts";
import type { Gating } from "./gated.ts";
import { messageStart } from "./wrangler-deploy.ts";

/** What the choice needs to know beside the list. */
export interface SweepFacts {
  readonly now: number;
  /** Open pull requests; absent where they do not count. */
  readonly open?: ReadonlySet<number>;
  /** Answers of deployments by id; one that is not in it was not asked. */
  readonly gating: ReadonlyMap<string, Gating>;
  /** The default branch's policy leaves production without a gate. */
  readonly productionOpen: boolean;
  /** The live production deployment, which stays. */
  readonly live: string | undefined;
}

export interface Doomed {
  readonly deployment: PagesDeployment;
  readonly why: readonly string[];
}

/**
 * Which deployments are to go, and why: oldest first, so that no alias ever goes back to an older one.
 * @param deployments newest first
 */
export function chooseDoomed(
  deployments: readonly PagesDeployment[],
  wanted: CleanupInputs,
  facts: SweepFacts,
): Doomed[] {
  return deployments
    .filter(({ id }) => id !== facts.live)
    .map((deployment) => ({ deployment, why: reasons(deployment, wanted, facts) }))
    .filter(({ why }) => why.length > 0)
    .reverse();
}

function reasons(deployment: PagesDeployment, wanted: CleanupInputs, facts: SweepFacts): string[] {
  const { olderThan, olderThanText } = wanted;
  const age = facts.now - Date.parse(deployment.created_on);
  const number = pullRequestOf(deployment);
  const open = deployment.environment === "production" && facts.productionOpen;
  return [
    ...(olderThan !== undefined && age > olderThan ? [`older than ${olderThanText}`] : []),
    ...(wanted.closedPullRequests && number !== undefined && facts.open?.has(number) === false
      ? [`pull request ${number} is closed`]
      : []),
    ...(wanted.ungated && !open && facts.gating.get(deployment.id) === "ungated" ? ["not gated"] : []),
  ];
}

/** Only of deployments that this action has made: a branch can be called `pr-7` without a pull request. */
function pullRequestOf({ deployment_trigger: trigger }: PagesDeployment): number | undefined {
  const { branch = "", commit_message: message = "" } = trigger?.metadata ?? {};
  const number = /^pr-([1-9]\d{0,9})$/.exec(branch)?.[1];
  return number === undefined || !message.startsWith(messageStart) ? undefined : Number(number);
}

/** A deployment with the reasons, one line for the log. */
export function doomedLine({ deployment, why }: Doomed): string {
  const { environment, created_on: at, url } = deployment;
  return [environment, branchOf(deployment), at.slice(0, 16), url, why.join(", ")].join("  ");
}

/** At most this many in a summary, which GitHub cuts at 1 MiB. */
const shownRows = 500;

export function doomedTable(doomed: readonly Doomed[]): string {
  const rows = doomed.slice(0, shownRows).map(({ deployment, why }) => {
    const { environment, created_on: at, url } = deployment;
    const cells = [environment, branchOf(deployment), at.slice(0, 16), url, why.join(", ")];
    return `| ${cells.map(forMarkdown).join(" | ")} |`;
  });
  const more = doomed.length > shownRows ? [`| | | | and ${doomed.length - shownRows} more | |`] : [];
  return ["| Environment | Branch | Made | Address | Why |", "|---|---|---|---|---|", ...rows, ...more].join(
    "\n",
  );
}

function branchOf({ deployment_trigger: trigger }: PagesDeployment): string {
  return trigger?.metadata?.branch ?? "";
}
