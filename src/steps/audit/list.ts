import type { CloudflareClient } from "../../clients/cloudflare.ts";
import type { PagesDeployment } from "../../clients/cloudflare-model.ts";

export interface Listed {
  /** Newest first. */
  readonly deployments: readonly PagesDeployment[];
  /** Nothing was deleted while it was read, so nothing can have slipped from a page onto one that was read before. */
  readonly complete: boolean;
}

/** A list that keeps changing under the reader's eyes is read so often, and then not called complete. */
const rounds = 3;

/**
 * Every deployment of a project, in both environments. Pages shift when something is deleted meanwhile; so the first
 * page is read again at the end, and where the numbers don't add up, all of it.
 *
 * @param onRead hears how many were read, after each page
 * @throws ActionError cloudflare-*, service-*
 */
export async function listDeployments(
  cloudflare: Pick<CloudflareClient, "deploymentPage">,
  project: string,
  onRead: (read: number) => void = () => {},
): Promise<Listed> {
  const found = new Map<string, PagesDeployment>();
  for (let round = 1; round <= rounds; round += 1) {
    const inRound = new Set<string>();
    let total: number | undefined;
    for (let page = 1, last = false; !last; page += 1) {
      const read = await cloudflare.deploymentPage(project, page);
      if (page === 1) total = read.total;
      for (const one of read.items) {
        found.set(one.id, one);
        inRound.add(one.id);
      }
      last = read.last;
      onRead(found.size);
    }
    const again = await cloudflare.deploymentPage(project, 1);
    const fresh = again.items.filter(({ id }) => !inRound.has(id));
    for (const one of fresh) found.set(one.id, one);
    const steady =
      total !== undefined &&
      again.total === total + fresh.length &&
      inRound.size + fresh.length >= again.total;
    if (steady) return { deployments: newestFirst(found), complete: true };
  }
  return { deployments: newestFirst(found), complete: false };
}

function newestFirst(found: ReadonlyMap<string, PagesDeployment>): PagesDeployment[] {
  return [...found.values()].toSorted((a, b) => Date.parse(b.created_on) - Date.parse(a.created_on));
}
