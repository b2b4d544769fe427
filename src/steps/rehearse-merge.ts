import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compilePolicy } from "../../contract/policy/compile.ts";
import type { BuildContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { bearerOf, readAll } from "./protect.ts";
import { makeBundle } from "./publish.ts";
import type { Draft } from "./report-model.ts";
import { existingHost, rememberedClientId } from "./sign-in-host.ts";
import { readHostKeys } from "./sign-in-status.ts";
import { toolsFor } from "./tools.ts";

/**
 * For a merge group: what merging it would deploy to production is rehearsed behind the gate, by the policy as it would
 * be then. Nothing is deployed and nothing is changed; the push that follows does that.
 *
 * @param commit at the merge group's head
 * @param draft is told what was found
 * @throws ActionError merge-build-failed, project-missing, sign-in-host-missing; of every step
 */
export async function rehearseMerge(context: BuildContext, commit: string, draft: Draft): Promise<void> {
  const { cloudflare, inputs, log, build } = context;
  if (build.run.conclusion !== "success")
    throw new ActionError("merge-build-failed", `Run ${build.run.id}: ${build.run.conclusion}.`);
  const installing = toolsFor(context);
  // It is waited for below; until then its failure must not count as one that nobody handles.
  installing.catch(() => undefined);
  const { policy, pack } = await log.group("Policy and artifact", () => readAll(context, commit));
  const compiled = await compilePolicy(policy, "production");
  draft.policyDigest = compiled.digest;
  const [project, found] = await Promise.all([
    cloudflare.project(inputs.projectName),
    cloudflare.project(inputs.signInHostProject),
  ]);
  if (project === undefined) throw new ActionError("project-missing", `Project ${inputs.projectName}.`);
  const { origin } = existingHost(inputs.signInHostProject, found);
  draft.signInOrigin = origin;
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-site-"));
  try {
    const options = {
      context,
      tools: await installing,
      pack,
      project,
      policy: compiled,
      signIn: { origin, keys: await readHostKeys(context.http, origin) },
      ...bearerOf(inputs, compiled, { clientId: inputs.gateClientId ?? rememberedClientId(found) }),
      target: { environment: "production" },
    } as const;
    await log.group("Wrap and rehearse", () => makeBundle(options, join(folder, "site"), draft));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
