import type { CloudflareClient } from "../clients/cloudflare.ts";
import type { Project } from "../clients/cloudflare-model.ts";

const reads = 6;
const pause = 1_000;

/**
 * A project after it was written: read again until it has what was written, or for six seconds. A read may come from a
 * place that has not heard of it.
 * @param written what the writing call itself answered with
 */
export async function settledProject(
  cloudflare: Pick<CloudflareClient, "project">,
  written: Project,
  isAsWanted: (project: Project) => boolean,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<Project> {
  let project = written;
  for (let read = 1; read <= reads; read += 1) {
    if (read > 1) await sleep(pause);
    project = (await cloudflare.project(written.name)) ?? project;
    if (isAsWanted(project)) break;
  }
  return project;
}
