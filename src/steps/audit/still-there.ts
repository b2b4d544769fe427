import type { ActionContext } from "../../context.ts";
import { type Looked, lookAtAll } from "./look-at-all.ts";
import type { Look } from "./sighting.ts";

/** Of more than these something else is wrong than that they were deleted meanwhile. */
const asked = 200;

/**
 * Leaves out what was deleted while the audit ran, by a pull request that was closed for instance: Cloudflare knows the
 * deployment no more, and nothing is shown at its address.
 * @param left milliseconds that are left for it
 * @throws ActionError cloudflare-*, service-*
 */
export async function withoutGone(
  context: Pick<ActionContext, "cloudflare" | "inputs" | "log" | "now" | "sleep">,
  looked: readonly Looked[],
  look: Look,
  left: () => number,
): Promise<readonly Looked[]> {
  const { cloudflare, inputs, log, now, sleep } = context;
  const suspicious = looked.filter(
    ({ target, sighting }) =>
      target.deployment !== undefined && ["open", "unproven"].includes(sighting.verdict),
  );
  const gone: Looked[] = [];
  for (const one of suspicious.slice(0, asked)) {
    if (left() <= 0) break;
    if (!(await cloudflare.hasDeployment(inputs.projectName, one.target.deployment?.id ?? "")))
      gone.push(one);
  }
  if (gone.length === 0) return looked;
  const targets = gone.map(({ target }) => ({
    ...target,
    expected: { ...target.expected, mayBeEmpty: true },
  }));
  const again = await lookAtAll(targets, { look, log, left, now, sleep, patient: false });
  const since = new Map(again.map((one) => [one.target.origin, one]));
  const kept = looked.flatMap((one): Looked[] => {
    const seen = since.get(one.target.origin);
    if (seen === undefined) return [one];
    return seen.sighting.verdict === "nothing" ? [] : [{ ...seen, deleted: true }];
  });
  log.info(`${looked.length - kept.length} addresses are those of deployments that were deleted meanwhile.`);
  return kept;
}
