import type { HostStatus } from "../../contract/config/site.ts";
import { hostFederation } from "../../contract/names/federation.ts";
import type { CloudflareClient } from "../clients/cloudflare.ts";
import { ActionError } from "../errors.ts";
import type { SignInHostDeps } from "./sign-in-host.ts";
import { isNewer, readHostStatus } from "./sign-in-status.ts";

export type HostDeployment =
  | { readonly kind: "current" }
  | { readonly kind: "newer"; readonly version: string }
  | { readonly kind: "deploy" };

/** Whether the live host has to be replaced: never by an older version of itself. */
export function hostDeployment(
  live: HostStatus | undefined,
  wanted: string,
  version: string,
): HostDeployment {
  if (live === undefined) return { kind: "deploy" };
  if (live.bundle === wanted) return { kind: "current" };
  return isNewer(live.version, version) ? { kind: "newer", version: live.version } : { kind: "deploy" };
}

/** Sites ask every five minutes; the last of them asks an edge that had the old deployment a little longer. */
const sitesHeard = 600_000;
/** How long Entra keeps the keys of an issuer that it trusts is not told [not confirmed]; its own live a day at least. */
const entraHeard = 25 * 3_600_000;

/**
 * Ids of the keys that every site and every isolate of the host knows by now: those that the live deployment has, if it
 * is ten minutes old, or a day where Entra has to know them, too.
 * @param deployedAt ISO time, as Cloudflare tells it
 * @param now milliseconds since 1970
 */
export function keysHeardOf(
  live: HostStatus | undefined,
  deployedAt: string | undefined,
  now: number,
): ReadonlySet<string> {
  const heardWithin = live?.keys.entra === hostFederation.keyId ? entraHeard : sitesHeard;
  const known = now >= Date.parse(deployedAt ?? "") + heardWithin ? live?.keys : undefined;
  return new Set([...(known?.signing ?? []), ...(known?.cookies ?? [])]);
}

/** A new project's host name can take minutes to exist everywhere. */
const settleWithin = 300_000;
const pause = 2_000;

/**
 * Waits until the host names this bundle, several times in a row, so that no edge still answers with the old one.
 * @throws ActionError sign-in-host-unreachable
 */
export async function awaitHost(
  deps: Pick<SignInHostDeps, "http" | "now" | "sleep">,
  origin: string,
  bundle: string,
): Promise<void> {
  const until = deps.now() + settleWithin;
  let inRow = 0;
  while (inRow < 2) {
    const status = await readHostStatus(deps.http, origin);
    inRow = status?.bundle === bundle ? inRow + 1 : 0;
    if (inRow === 0 && deps.now() > until) {
      const seen = status === undefined ? "nothing that answers as a host" : `bundle ${status.bundle}`;
      throw new ActionError("sign-in-host-unreachable", `${origin}: wanted bundle ${bundle}, saw ${seen}.`);
    }
    if (inRow < 2) await deps.sleep(inRow === 0 ? pause : pause / 4);
  }
}

/**
 * Deletes every deployment of the host but the live one: each keeps the keys that it was made with and answers under
 * its own address.
 * @param live id of the deployment that answers now; without it nothing is deleted
 * @returns how many
 */
export async function deleteOldHosts(
  cloudflare: CloudflareClient,
  project: string,
  live: string | undefined,
): Promise<number> {
  if (live === undefined) return 0;
  const old = (await cloudflare.deployments(project)).filter(({ id }) => id !== live);
  for (const { id } of old) await cloudflare.deleteDeployment(project, id);
  return old.length;
}
