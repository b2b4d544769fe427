import type { BuildContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { Deployable, RunDecision } from "./which-run.ts";

/** Milliseconds after which GitHub is asked again: what it said a moment after a push may be from before it. */
const pause = 3_000;

/**
 * An older commit never replaces a newer deployment: what was true at the start may not be any more. An answer that
 * takes a deployment away has to be given twice.
 * @throws ActionError superseded, github-*, service-*
 */
export async function requireNewest(context: BuildContext, decision: Deployable): Promise<void> {
  if ((await newer(context, decision)) === undefined) return;
  await context.sleep(pause);
  const found = await newer(context, decision);
  if (found !== undefined) throw new ActionError("superseded", found);
}

/** What came in place of this commit; undefined where nothing did. */
async function newer(context: BuildContext, decision: Deployable): Promise<string | undefined> {
  if (decision.kind === "production") {
    const tip = await context.github.branchTip(context.build.defaultBranch);
    return tip === decision.commit ? undefined : `The default branch is at ${tip} now.`;
  }
  const head = await context.github.pullRequestHead(decision.pullRequest);
  if (head.open && head.sha === decision.commit) return undefined;
  return `Pull request ${decision.pullRequest} is ${head.open ? `at ${head.sha}` : "closed"} now.`;
}

/**
 * The decision about a run, made once more after a moment where it is that something newer has come: no other run would
 * deploy this commit if that were not so.
 * @param decide asks GitHub and decides
 */
export async function decideTwice<Decided extends { readonly decision: RunDecision }>(
  decide: () => Promise<Decided>,
  { sleep }: Pick<BuildContext, "sleep">,
): Promise<Decided> {
  const first = await decide();
  if (first.decision.kind !== "nothing" || first.decision.reason !== "superseded") return first;
  await sleep(pause);
  return decide();
}
