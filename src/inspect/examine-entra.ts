import type { ActionErrorCode } from "../../contract/errors/action.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import { createGraphInspector } from "../clients/graph-inspect.ts";
import type { ActionContext } from "../context.ts";
import { asActionError } from "../errors.ts";
import type { Check, Finding } from "../findings.ts";
import { rememberedClientId } from "../steps/sign-in-host.ts";
import { missingApplication, registration } from "./application.ts";
import { look, saidBy } from "./check.ts";
import { found } from "./codes.ts";
import { openToTenant } from "./directory.ts";
import { trustCommand } from "./federation.ts";
import { inspectDirectory } from "./inspect-directory.ts";
import type { JobToken } from "./subject.ts";

/**
 * Entra's side of a set-up: that this job is the automation, and then everything that the automation can read.
 * @param token of this job; without one nothing can be asked
 * @param host the sign-in host's project, which remembers the gate application
 * @throws ActionError deadline-exceeded
 */
export async function examineEntra(
  context: ActionContext,
  token: JobToken | undefined,
  host: Project | undefined,
): Promise<readonly Check[]> {
  if (token === undefined) return [];
  const { inputs, now, http, entra } = context;
  const federation = await look(now, {
    code: "federation",
    subject: inputs.clientId,
    work: () => federationFindings(context, token),
  });
  if (federation.findings.length > 0 || federation.notChecked !== undefined) return [federation];
  const gateClientId = inputs.gateClientId ?? rememberedClientId(host);
  // The first push creates it, which Application.ReadWrite.OwnedBy allows.
  if (gateClientId === undefined) return [federation, notYet(context)];
  const application = await look(now, {
    code: "application",
    subject: gateClientId,
    work: async () => {
      const read = await createGraphInspector(http, entra, inputs.graphUrl).application(gateClientId);
      return read === undefined ? [missingApplication(gateClientId)] : registration(read);
    },
  });
  const open = await look(now, {
    code: "tenant-access",
    subject: gateClientId,
    work: async () => {
      const read = await createGraphInspector(http, entra, inputs.graphUrl).principal(gateClientId);
      return read === undefined ? [] : openToTenant(read);
    },
  });
  return [federation, application, open, ...(await inspectDirectory(context, gateClientId, host))];
}

/** Refusals that say that this job is not known as the automation, and what to do about each. */
const mismatches: readonly ActionErrorCode[] = ["entra-federation-mismatch", "entra-federation-case"];
const unknown: readonly ActionErrorCode[] = ["entra-application-unknown", "entra-tenant-unknown"];

/** The subject in the remedy is the token's own, whatever form it has. */
async function federationFindings({ entra, inputs }: ActionContext, token: JobToken): Promise<Finding[]> {
  try {
    await entra.graphToken();
    return [];
  } catch (thrown) {
    const error = asActionError(thrown);
    const { clientId, tenantId } = inputs;
    if (mismatches.includes(error.code))
      return [
        found("federation-missing", {
          subject: clientId,
          text: `No federated credential of the automation fits this job, whose subject is ${token.sub}. ${error.code}.`,
          remedy: `An owner of the automation application: ${trustCommand(clientId, token)}`,
        }),
      ];
    if (unknown.includes(error.code))
      return [
        found("application-missing", {
          subject: clientId,
          text: `Entra does not know the automation application in tenant ${tenantId}. ${saidBy(error)}`,
          remedy: `Correct the inputs client-id, tenant-id and entra-authority, or make its service principal: az ad sp create --id ${clientId}`,
        }),
      ];
    throw error;
  }
}

function notYet({ inputs, now }: ActionContext): Check {
  return {
    code: "application",
    subject: inputs.signInHostProject,
    at: new Date(now()).toISOString(),
    findings: [],
    notChecked: {
      why: "There is no gate application yet: the first push to the default branch creates it and remembers its id.",
      remedy: "Push to the default branch, or give the input gate-client-id.",
      who: "developer",
    },
  };
}
