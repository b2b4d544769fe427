import type { PagesDeployment } from "../../clients/cloudflare-model.ts";
import type { ActionContext } from "../../context.ts";
import { ActionError } from "../../errors.ts";
import { patience } from "../still-answering.ts";
import { type Looked, lookAtAll } from "./look-at-all.ts";
import type { Deleted } from "./result.ts";
import type { Look } from "./sighting.ts";

export interface Deletion {
  /** Without what was deleted and shows nothing any more; aliases as they answer since. */
  readonly looked: readonly Looked[];
  readonly deleted: readonly Deleted[];
}

export interface DeleteOptions {
  readonly context: Pick<
    ActionContext,
    "cloudflare" | "inputs" | "log" | "trail" | "now" | "sleep" | "deadline"
  >;
  readonly looked: readonly Looked[];
  /** The deployment that production answers with: Cloudflare deletes all but that. */
  readonly live: string | undefined;
  /** Milliseconds that are left for it. */
  left(): number;
  readonly look: Look;
}

const progressEvery = 100;

/**
 * Deletes the deployments that were seen open, oldest first, so that no alias goes back to one of them, and asks their
 * addresses and the open aliases until they show nothing. What Cloudflare refuses to delete, or there is no time for,
 * stays in the list.
 */
export async function deleteOpen(options: DeleteOptions): Promise<Deletion> {
  const { context, looked, live } = options;
  const doomed = looked
    .filter(({ target, sighting }) => target.kind === "deployment" && sighting.verdict === "open")
    .filter(({ target }) => target.deployment?.id !== live)
    .toReversed();
  const gone = new Set<Looked>();
  for (const one of doomed) {
    const { deployment } = one.target;
    if (deployment === undefined || options.left() <= 0) break;
    const outcome = await deleteOne(context, deployment, one.sighting.reason);
    if (outcome === "late") break;
    if (outcome === "gone") gone.add(one);
    if (gone.size > 0 && gone.size % progressEvery === 0)
      context.log.info(`${gone.size} of ${doomed.length} deleted.`);
  }
  if (gone.size === 0) return { looked, deleted: [] };
  context.log.info(`${gone.size} of ${doomed.length} open deployments deleted.`);
  const aliases = looked.filter(
    ({ target, sighting }) => target.kind === "alias" && sighting.verdict === "open",
  );
  const since = await untilGone([...gone, ...aliases], options);
  const deleted = [...gone].map(({ target }) => ({
    id: target.deployment?.id ?? "",
    origin: target.origin,
    lingers: since.get(target.origin)?.sighting.verdict === "open",
  }));
  const left = looked.flatMap((one): Looked[] => {
    const again = since.get(one.target.origin);
    if (!gone.has(one)) return [again ?? one];
    return again?.sighting.verdict === "open" ? [{ ...again, deleted: true }] : [];
  });
  return { looked: left, deleted };
}

async function deleteOne(
  { cloudflare, inputs, log, trail }: DeleteOptions["context"],
  { id, url, environment }: PagesDeployment,
  comment: string,
): Promise<"gone" | "refused" | "late"> {
  const change = {
    activity: "delete",
    entity: { type: "deployment", uid: id, name: url },
    comment: `open: ${comment}`,
    project: inputs.projectName,
    about: { environment },
  } as const;
  try {
    await cloudflare.deleteDeployment(inputs.projectName, id);
    trail.add(change);
    return "gone";
  } catch (thrown) {
    if (!(thrown instanceof ActionError)) throw thrown;
    if (thrown.code === "deadline-exceeded") return "late";
    trail.add({ ...change, failure: thrown.code });
    log.warning("Not deleted", `${url}: ${thrown.message}`);
    return "refused";
  }
}

/** Where nothing is deployed any more, any refusal will do: that nothing is shown is what was wanted. */
async function untilGone(
  asked: readonly Looked[],
  options: DeleteOptions,
): Promise<ReadonlyMap<string, Looked>> {
  const { context, look, left } = options;
  const { log, now, sleep } = context;
  const since = new Map<string, Looked>();
  let open = asked.map(({ target }) => ({ ...target, expected: { ...target.expected, mayBeEmpty: true } }));
  for (let attempt = 1; open.length > 0 && attempt <= patience.attempts; attempt += 1) {
    if (attempt > 1 && left() <= patience.pause) break;
    if (attempt > 1) await sleep(patience.pause);
    for (const one of await lookAtAll(open, { look, log, left, now, sleep, patient: false }))
      since.set(one.target.origin, one);
    open = open.filter(({ origin }) => since.get(origin)?.sighting.verdict === "open");
  }
  return since;
}
