import { CommandFault } from "../../fault.ts";
import type { Facts, SetupContext } from "../context.ts";
import type { StepWork } from "../step.ts";
import {
  type Application,
  applicationByClientId,
  createApplication,
  createPrincipal,
  forRepository,
  type Kind,
  principalByClientId,
  tagOf,
} from "./applications.ts";
import { graphOf } from "./graph.ts";
import { lookUp } from "./our-application.ts";
import { tenantOf } from "./tenant.ts";

export interface WantedApplication {
  readonly kind: Kind;
  readonly displayName: string;
  /** What it is made with, beside its name; see `createApplication`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Registers an application with its service principal; what is there already keeps whatever else it has. */
export function applicationWork({ kind, displayName, fields = {} }: WantedApplication): StepWork {
  return {
    async look(context) {
      context.facts.tenantId = (await tenantOf(context)).id;
      const { application, pinned } = await lookUp(context, kind);
      if (application === undefined) {
        if (pinned) throw unknown(kind);
        return { state: "missing" };
      }
      const principal = await principalByClientId(context, application.appId);
      remember(context.facts, kind, application.appId, principal?.id);
      const wrong = faultsOf(application);
      if (principal === undefined) wrong.push("it has no service principal");
      if (wrong.length > 0) return { state: "differs", detail: wrong.join("; ") };
      return { state: "done", detail: `${application.displayName}, ${application.appId}` };
    },

    async apply(context) {
      const changes: string[] = [];
      const found = await absent(context, kind);
      const application = found ?? (await createApplication(context, kind, { ...fields, displayName }));
      if (found === undefined) changes.push(`application ${application.appId}`);
      if (faultsOf(application).length > 0) {
        const call = { path: `/applications/${application.id}`, name: "/applications/{id}" };
        await graphOf(context).send("PATCH", call, closed);
        changes.push("single tenant, no implicit grant");
      }
      if ((await principalByClientId(context, application.appId)) === undefined) {
        await createPrincipal(context, application.appId);
        changes.push("service principal");
      }
      return changes;
    },

    async made(context) {
      await tenantOf(context);
      const { application } = await lookUp(context, kind);
      const tags = [tagOf(context.names, kind), forRepository(context.names)];
      if (application === undefined || !tags.every((tag) => application.tags.includes(tag))) return [];
      return [
        `application “${application.displayName}” (${application.appId}) with its service principal and all that it was given`,
      ];
    },

    async remove(context) {
      const { application } = await lookUp(context, kind);
      if (application === undefined) return;
      await graphOf(context).send("DELETE", {
        path: `/applications/${application.id}`,
        name: "/applications/{id}",
      });
    },
  };
}

/** What a gate may never have: tokens by the implicit grant, and visitors of other tenants. */
const closed = {
  signInAudience: "AzureADMyOrg",
  web: { implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false } },
} as const;

function faultsOf({ signInAudience, web }: Application): string[] {
  const { enableAccessTokenIssuance, enableIdTokenIssuance } = web.implicitGrantSettings ?? {};
  return [
    ...(signInAudience === "AzureADMyOrg" ? [] : [`it admits accounts of other tenants (${signInAudience})`]),
    ...(enableAccessTokenIssuance || enableIdTokenIssuance ? ["it issues tokens by the implicit grant"] : []),
  ];
}

/** Creating twice is worse than waiting: what an interrupted run has just made may be seen a moment later. */
async function absent(context: SetupContext, kind: Kind): Promise<Application | undefined> {
  for (let reads = 0; reads < 3; reads += 1) {
    if (reads > 0) await context.sleep(500);
    const { application } = await lookUp(context, kind);
    if (application !== undefined) return application;
  }
  return undefined;
}

function remember(facts: Facts, kind: Kind, clientId: string, principalId: string | undefined): void {
  facts[`${kind}ClientId`] = clientId;
  if (principalId !== undefined) facts[`${kind}PrincipalId`] = principalId;
}

function unknown(kind: Kind): CommandFault {
  return new CommandFault(
    "application-unknown",
    `The ${kind} application that is named (--${kind}-client-id, or the GitHub environment's variable) isn't in this tenant. Is it the right tenant? If it was deleted, take the variable away.`,
  );
}

/**
 * The application of an earlier step, which has vetted it; undefined as long as it is still to be made.
 */
export async function vetted(context: SetupContext, kind: Kind): Promise<Application | undefined> {
  const clientId = context.facts[`${kind}ClientId`];
  return clientId === undefined ? undefined : applicationByClientId(context, clientId);
}
