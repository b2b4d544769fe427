import type { Project } from "../clients/cloudflare-model.ts";
import { createGraphInspector, type InspectedPrincipal } from "../clients/graph-inspect.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { Check, Finding } from "../findings.ts";
import { originOfHost } from "../origins.ts";
import { look } from "./check.ts";
import { found } from "./codes.ts";
import { automationCredentials } from "./credentials.ts";
import { access, consent, graphPermission, owners } from "./directory.ts";
import { automationTrusts, gateTrusts } from "./federation.ts";
import { jobToken } from "./subject.ts";

/** Consent is read with a permission that the automation has no other use for. */
const consentNeeds = {
  remedy:
    "Look yourself: Entra admin centre → Enterprise applications → the gate → Permissions. To have it looked at, a Privileged Role Administrator gives the automation Directory.Read.All.",
  who: "entra",
} as const;

/**
 * Who may write the gate application, who may sign in to it, and who is the automation.
 * @param host the sign-in host's project; undefined where there is none
 * @throws ActionError deadline-exceeded
 */
export async function inspectDirectory(
  context: ActionContext,
  gateClientId: string,
  host: Project | undefined,
): Promise<Check[]> {
  const { http, entra, inputs, now } = context;
  const graph = createGraphInspector(http, entra, inputs.graphUrl);
  const automation = inputs.clientId;
  const reading = Promise.all([
    graph.application(gateClientId),
    graph.principal(gateClientId),
    graph.application(automation),
    graph.principal(automation),
  ]);
  // Each check waits for it and says what came of it.
  reading.catch(() => undefined);
  const about = (
    code: string,
    subject: string,
    work: () => Promise<Finding[]>,
    needs?: typeof consentNeeds,
  ) => look(now, { code, subject, work, ...(needs && { needs }) });

  return Promise.all([
    about("owners", gateClientId, async () => {
      const [application, principal, , own] = await reading;
      if (application === undefined || own === undefined) return [];
      return [
        ...owners("application", application, await graph.owners("applications", application.id), own.id),
        ...(principal === undefined
          ? []
          : owners(
              "service principal",
              principal,
              await graph.owners("servicePrincipals", principal.id),
              own.id,
            )),
      ];
    }),
    about("assignment", gateClientId, async () => {
      const [, principal] = await reading;
      if (principal === undefined) return [noPrincipal(gateClientId)];
      return access(principal, await graph.assignedTo(principal.id));
    }),
    about(
      "consent",
      gateClientId,
      async () => {
        const principal = required((await reading)[1], gateClientId);
        return consent(principal, await graph.grants(principal.id));
      },
      consentNeeds,
    ),
    about("gate-federation", gateClientId, async () => {
      const [application] = await reading;
      if (application === undefined || host === undefined) return [];
      return gateTrusts(application, await graph.trusts(application.id), originOfHost(host.subdomain));
    }),
    about("automation-federation", automation, async () => {
      const [, , application] = await reading;
      if (application === undefined) return [];
      const { iss } = await jobToken(context);
      return automationTrusts(application, await graph.trusts(application.id), iss);
    }),
    about("automation-credentials", automation, async () => {
      const [, , application] = await reading;
      return application === undefined ? [] : automationCredentials(application);
    }),
    about("graph-permission", automation, async () => {
      const principal = required((await reading)[3], automation);
      return graphPermission(automation, await graph.assignments(principal.id));
    }),
  ]);
}

function required(principal: InspectedPrincipal | undefined, appId: string): InspectedPrincipal {
  if (principal === undefined) throw new ActionError("graph-not-found", `Service principal of ${appId}.`);
  return principal;
}

function noPrincipal(subject: string): Finding {
  return found("principal-missing", {
    subject,
    text: "The gate application has no service principal in the tenant: nobody can sign in.",
    remedy: `Run the gate workflow for the default branch, or az ad sp create --id ${subject}`,
  });
}
