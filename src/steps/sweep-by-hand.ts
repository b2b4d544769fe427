import type { PagesDeployment, Project } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { type CleanupInputs, readCleanupInputs } from "../inputs-cleanup.ts";
import { type Gating, gatingOf } from "./gated.ts";
import { readPolicy } from "./policy.ts";
import { patience, stillAnswering } from "./still-answering.ts";
import { chooseDoomed, type Doomed, doomedLine, doomedTable, type SweepFacts } from "./sweep.ts";

const atOnce = 8;
const progressEvery = 250;
/** Milliseconds that are kept for looking again and for the report. */
const reserve = 2 * 60_000;

/**
 * `cleanup` by hand: shows the deployments that the inputs choose and, unless it is a dry run, deletes them.
 * @throws ActionError inputs-invalid, deleted-still-answers, deadline-exceeded (then it goes on where it ended),
 *   cloudflare-*, github-*, service-*
 */
export async function sweepByHand(context: ActionContext, project: Project): Promise<void> {
  const { cloudflare, log } = context;
  const wanted = readCleanupInputs(context.env);
  const onPage = (read: number): void => {
    if (read % progressEvery === 0) log.info(`${read} deployments read.`);
  };
  const all = await cloudflare.deployments(project.name, undefined, { onPage });
  const doomed = chooseDoomed(all, wanted, await factsFor(context, project, all, wanted));
  log.info(`${all.length} deployments, ${doomed.length} of them chosen.`);
  for (const one of doomed) log.info(doomedLine(one));
  const what = wanted.dryRun ? "would be deleted (dry run)" : "are to be deleted";
  await context.addSummary(
    `### Entra Gate: ${doomed.length} of ${all.length} deployments ${what}\n\n${doomedTable(doomed)}\n`,
  );
  if (wanted.dryRun)
    log.notice("Dry run", `${doomed.length} deployments would be deleted; dry-run: false does it.`);
  else await deleteAll(context, doomed);
}

async function factsFor(
  context: ActionContext,
  project: Project,
  all: readonly PagesDeployment[],
  wanted: CleanupInputs,
): Promise<SweepFacts> {
  const { github, inputs, now } = context;
  const live = project.canonical_deployment?.id;
  // The list of deployments was read before: whatever is in it is of a pull request that was open then, or is not now.
  const open = wanted.closedPullRequests ? { open: await github.openPullRequestNumbers() } : {};
  const facts = { now: now(), live, ...open };
  if (!wanted.ungated) return { ...facts, gating: new Map(), productionOpen: false };
  const { defaultBranch } = await github.repository();
  const tip = await github.branchTip(defaultBranch);
  const { production } = await readPolicy(github, inputs.policyPath, tip);
  return { ...facts, gating: await askAll(context, all), productionOpen: production === "open" };
}

async function askAll({ log }: ActionContext, all: readonly PagesDeployment[]): Promise<Map<string, Gating>> {
  const living = all.filter(
    ({ latest_stage: stage }) => stage?.name === "deploy" && stage.status === "success",
  );
  const answers = new Map<string, Gating>();
  for (let at = 0; at < living.length; at += atOnce) {
    const some = living.slice(at, at + atOnce);
    const found = await Promise.all(some.map(({ url }) => gatingOf(url, patience.timeout)));
    for (const [index, { id }] of some.entries()) answers.set(id, found[index] ?? "unclear");
    if (Math.floor((at + atOnce) / progressEvery) > Math.floor(at / progressEvery))
      log.info(`${answers.size} of ${living.length} asked.`);
  }
  const unclear = [...answers.values()].filter((answer) => answer === "unclear").length;
  if (unclear > 0) log.warning("No clear answer", `${unclear} deployments; they stay.`);
  return answers;
}

async function deleteAll(context: ActionContext, doomed: readonly Doomed[]): Promise<void> {
  const { cloudflare, inputs, log, trail, deadline, sleep } = context;
  let done = 0;
  for (const { deployment, why } of doomed) {
    if (deadline.left() < reserve) break;
    await cloudflare.deleteDeployment(inputs.projectName, deployment.id);
    const entity = { type: "deployment", uid: deployment.id, name: deployment.url } as const;
    trail.add({ activity: "delete", entity, comment: why.join(", "), project: inputs.projectName });
    done += 1;
    if (done % progressEvery === 0) log.info(`${done} of ${doomed.length} deleted.`);
  }
  log.info(`Entra Gate: ${done} deployments deleted.`);
  const origins = doomed.slice(0, done).map(({ deployment }) => new URL(deployment.url).origin);
  const open = await stillAnswering(origins, { ...patience, wait: sleep });
  if (open.length > 0) throw new ActionError("deleted-still-answers", open.join(", "));
  if (done < doomed.length)
    throw new ActionError("deadline-exceeded", `${doomed.length - done} deployments are left; run it again.`);
}
