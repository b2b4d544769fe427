import { needsOf } from "../../contract/policy/needs.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import { createGraphInspector } from "../clients/graph-inspect.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { Check, Finding } from "../findings.ts";
import { originOfHost } from "../origins.ts";
import { databaseOf, rememberedClientId } from "../steps/sign-in-host.ts";
import { readHostStatus } from "../steps/sign-in-status.ts";
import { claims, missingApplication, registration, roles } from "./application.ts";
import { look } from "./check.ts";
import { credentials, keyAges } from "./credentials.ts";
import { domains } from "./domains.ts";
import { hostSettings } from "./host-settings.ts";
import { inspectDirectory } from "./inspect-directory.ts";
import { type Known, knownSites } from "./known.ts";
import { buildsItself, failsOpen, siteProject } from "./project.ts";
import { redirectUris } from "./redirect-uris.ts";

export interface DriftFacts {
  /** The site's project as it is; undefined where there is none. */
  readonly site: Project | undefined;
  /** The sign-in host's. */
  readonly host: Project | undefined;
  /** As the default branch has it. */
  readonly policy: Policy;
}

/**
 * Everything that the gate had set at Cloudflare and Entra, against what is there now. It reads and changes nothing; what
 * cannot be read is said in its check.
 * @returns one check for each thing that was looked at, in a fixed order
 * @throws ActionError deadline-exceeded
 */
export async function inspectDrift(context: ActionContext, facts: DriftFacts): Promise<Check[]> {
  const { cloudflare, inputs, now, http } = context;
  const { site, host, policy } = facts;
  const productionGated = policy.production !== "open";
  const database = host && databaseOf(host);
  const known = once(async (): Promise<Known> => {
    if (database === undefined) throw new ActionError("sign-in-host-missing", inputs.signInHostProject);
    return knownSites(cloudflare, database, needsOf(policy).roles);
  });
  const about = (code: string, subject: string, work: () => Promise<Finding[]> | Finding[]) =>
    look(now, { code, subject, work });
  const gateClientId = inputs.gateClientId ?? rememberedClientId(host);

  const ofSite =
    site === undefined
      ? []
      : [
          about("site-settings", site.name, () =>
            siteProject({ project: site, productionGated, hostDatabase: database }),
          ),
          about("domains", site.name, async () =>
            domains(site, await cloudflare.domains(site.name), (await known()).origins.get(site.name)),
          ),
        ];
  const ofHost =
    host === undefined || gateClientId === undefined
      ? []
      : [
          about("host-settings", host.name, async () => {
            const { tenantId, entraAuthority: authority, graphUrl } = inputs;
            const identity = { tenantId, clientId: gateClientId, authority, graphUrl };
            const status = await readHostStatus(http, originOfHost(host.subdomain));
            return [
              ...failsOpen(host, true),
              ...buildsItself(host, true),
              ...hostSettings({ project: host, identity, status }),
            ];
          }),
          about("host-keys", host.name, () => keyAges(host, now())),
          ...ofApplication(context, host, gateClientId, known),
        ];
  return [
    ...(await Promise.all([...ofSite, ...ofHost])),
    ...(gateClientId === undefined ? [] : await inspectDirectory(context, gateClientId, host)),
  ];
}

function ofApplication(
  { http, entra, inputs, now }: ActionContext,
  host: Project,
  gateClientId: string,
  known: () => Promise<Known>,
): Promise<Check>[] {
  const inspector = createGraphInspector(http, entra, inputs.graphUrl);
  const read = once(() => inspector.application(gateClientId));
  const origin = originOfHost(host.subdomain);
  const about = (
    code: string,
    work: (application: NonNullable<Awaited<ReturnType<typeof read>>>) => Promise<Finding[]> | Finding[],
  ) =>
    look(now, {
      code,
      subject: gateClientId,
      work: async () => {
        const application = await read();
        if (application !== undefined) return work(application);
        // Said once, though several checks meet it.
        return code === "application" ? [missingApplication(gateClientId)] : [];
      },
    });
  return [
    about("application", registration),
    about("redirect-uris", async (application) => redirectUris(application, origin, await known())),
    about("app-roles", async (application) => roles(application, await known())),
    about("claims", async (application) => claims(application, await known())),
    about("credentials", (application) => credentials(application, host, now())),
  ];
}

/** Reads something at most once, however many checks need it. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
