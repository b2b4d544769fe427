import type { Policy } from "../../contract/policy/schema.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import type { Tools } from "../tools/install.ts";
import { compatibilityDate, deployHost } from "./host-deploy.ts";
import { knownApplication, ownHost, type ReadyHost } from "./own-host.ts";
import { alignProject, type WantedProject } from "./preflight.ts";
import type { Draft } from "./report-model.ts";
import { checkSignIn } from "./sign-in-check.ts";
import { type ExistingHost, existingHost, rememberedClientId } from "./sign-in-host.ts";
import { siteRow, siteWritten, writeSiteRow } from "./site-row.ts";

export interface Found {
  readonly policy: Policy;
  readonly site: Project | undefined;
  readonly host: Project | undefined;
  readonly installing: Promise<Tools>;
}

/** What the site's project is to be like. */
interface WantedSite extends Pick<WantedProject, "ownBuilds"> {
  /** Production branch, where the project has to be made. */
  readonly branch: string;
  /** Commit that the default branch is at. */
  readonly commit: string;
}

export interface Ready {
  readonly project: Project;
  readonly signInOrigin: string;
  /** The gate application's, where it is known. */
  readonly clientId: string | undefined;
}

/**
 * For the default branch's newest commit: project, Entra, sign-in host and the site's row are as the policy needs them.
 * @param draft is told what was changed
 * @throws ActionError of every step
 */
export async function prepareProduction(
  context: ActionContext,
  { branch, commit, ownBuilds }: WantedSite,
  found: Found,
  draft: Draft,
): Promise<Ready> {
  const { cloudflare, inputs, log } = context;
  const { policy, host } = found;
  const own = inputs.signInHost === "own";
  const others = own ? undefined : existingHost(inputs.signInHostProject, host);
  const gate = own ? await knownApplication(context, host) : undefined;
  const settings = { productionGated: policy.production !== "open", ownBuilds, compatibilityDate };
  const aligned = await alignProject(
    cloudflare,
    inputs.projectName,
    found.site,
    branch,
    settings,
    context.sleep,
  );
  draft.changes.push(...aligned.changes);
  const entity = { type: "Pages project", uid: inputs.projectName } as const;
  for (const comment of aligned.changes)
    context.trail.add({ activity: "update", entity, comment, project: inputs.projectName });
  log.info(
    `Project ${inputs.projectName}: ${aligned.changes.length === 0 ? "nothing to change" : "brought in line"}.`,
  );
  const site = aligned.project;
  const ready = await log.group("Sign-in host", async () => {
    if (others !== undefined) return useHost(context, site, policy, others, draft);
    const owned = await ownHost({
      context,
      site,
      policy,
      found: host,
      gate,
      compatibilityDate,
      deployHost: async (project, code, bundle) =>
        deployHost(context, await found.installing, project, code, bundle, commit),
    });
    draft.changes.push(...owned.changes);
    log.info(`${owned.origin} answers a real authorization request.`);
    return owned;
  });
  return { project: site, signInOrigin: ready.origin, clientId: ready.clientId };
}

/** Another repository owns the host: this one writes its site's row and asks for a real authorization request. */
async function useHost(
  context: ActionContext,
  site: Project,
  policy: Policy,
  host: ExistingHost,
  draft: Draft,
): Promise<Pick<ReadyHost, "origin" | "clientId">> {
  const { cloudflare, inputs } = context;
  const row = await siteRow(site, policy);
  context.trail.belongsInto(host.databaseId);
  const written = await writeSiteRow(cloudflare, host.databaseId, row, context.now());
  draft.changes.push(...written.map((line) => `row of ${site.name} at the sign-in host: ${line}`));
  if (written.length > 0) context.trail.add(siteWritten(row));
  const { origin, redirectUri } = host;
  const clientId = inputs.gateClientId ?? rememberedClientId(host.project) ?? "";
  const { entraAuthority: authority, tenantId } = inputs;
  await checkSignIn(context, row, { origin, authority, tenantId, clientId, redirectUri });
  return { origin, clientId };
}
