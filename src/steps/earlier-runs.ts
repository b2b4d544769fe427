import type { BuildContext } from "../context.ts";
import { removeDeployment } from "./deployed.ts";
import { environmentName } from "./report.ts";
import type { Draft } from "./report-model.ts";

/**
 * Takes away what earlier runs of the same commit have left: one that was interrupted has proved nothing of what it
 * deployed, and its GitHub deployment would be pending for ever; one that was run again has a successor.
 * @param earlier ids of Cloudflare's deployments
 * @throws ActionError cloudflare-*, github-*
 */
export async function putAwayEarlier(
  { cloudflare, github, runner, sleep }: Pick<BuildContext, "cloudflare" | "github" | "runner" | "sleep">,
  earlier: readonly string[],
  { subject, githubDeployment, changes }: Pick<Draft, "subject" | "githubDeployment" | "changes">,
): Promise<void> {
  const { project, environment, commit } = subject;
  for (const id of earlier) await removeDeployment(project, id, { cloudflare, sleep });
  if (earlier.length > 0) changes.push(`deployments of earlier runs deleted: ${earlier.join(", ")}`);
  if (earlier.length === 0 && runner.attempt === 1) return;
  for (const id of await github.deploymentsOf(commit, environmentName(project, environment)))
    if (id !== githubDeployment)
      await github.setDeploymentStatus(id, { state: "inactive", description: "Run again" });
}
