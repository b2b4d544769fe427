import * as v from "valibot";
import type { SetupContext } from "../context.ts";
import type { StepWork } from "../step.ts";
import { vetted } from "./application-step.ts";
import { eventually, graphOf } from "./graph.ts";
import { tenantOf } from "./tenant.ts";
import { graphAppId, readWriteOwnedBy, signInScopes } from "./texts.ts";

/** Both end with the service principal that they were given to; what somebody else gave is not taken away. */
const goesWithItsApplication = { made: async () => [], remove: async () => {} };

const assignment = v.object({ appRoleId: v.string(), resourceId: v.string() });

/** What the automation's registration asks for. */
export const asksToWriteOwned = {
  resourceAppId: graphAppId,
  resourceAccess: [{ id: readWriteOwnedBy, type: "Role" }],
};

/** The automation may write what it owns: the permission is asked for in its registration, and consented to. */
export const permissionWork: StepWork = {
  ...goesWithItsApplication,

  async look(context) {
    const automation = await vetted(context, "automation");
    const principalId = context.facts.automationPrincipalId;
    if (automation === undefined || principalId === undefined) return { state: "missing" };
    if (!(await isGiven(context, principalId))) return { state: "missing" };
    return asksFor(automation.requiredResourceAccess)
      ? { state: "done" }
      : { state: "differs", detail: "consented to, but its registration doesn't ask for it" };
  },

  async apply(context) {
    const automation = await vetted(context, "automation");
    const principalId = context.facts.automationPrincipalId;
    if (automation === undefined || principalId === undefined) return [];
    const changes: string[] = [];
    if (!(await isGiven(context, principalId))) {
      const { graphPrincipalId: resourceId } = await tenantOf(context);
      const call = {
        path: `/servicePrincipals/${resourceId}/appRoleAssignedTo`,
        name: "/servicePrincipals/{id}/appRoleAssignedTo",
      };
      await eventually(context, async () => {
        if (await isGiven(context, principalId)) return;
        await graphOf(context).send("POST", call, { principalId, resourceId, appRoleId: readWriteOwnedBy });
      });
      changes.push("consented to Application.ReadWrite.OwnedBy");
    }
    const { requiredResourceAccess: asked } = automation;
    if (!asksFor(asked)) {
      const call = { path: `/applications/${automation.id}`, name: "/applications/{id}" };
      const ofGraph = asked.find(({ resourceAppId }) => resourceAppId === graphAppId);
      const others = asked.filter((one) => one !== ofGraph);
      const resourceAccess = [...(ofGraph?.resourceAccess ?? []), ...asksToWriteOwned.resourceAccess];
      await graphOf(context).send("PATCH", call, {
        requiredResourceAccess: [...others, { resourceAppId: graphAppId, resourceAccess }],
      });
      changes.push("asks for Application.ReadWrite.OwnedBy");
    }
    return changes;
  },
};

function asksFor(
  access: readonly { resourceAppId: string; resourceAccess: readonly { id: string; type: string }[] }[],
): boolean {
  return access.some(
    ({ resourceAppId, resourceAccess }) =>
      resourceAppId === graphAppId &&
      resourceAccess.some(({ id, type }) => id === readWriteOwnedBy && type === "Role"),
  );
}

async function isGiven(context: SetupContext, principalId: string): Promise<boolean> {
  const { graphPrincipalId } = await tenantOf(context);
  const given = await graphOf(context).list(
    {
      path: `/servicePrincipals/${principalId}/appRoleAssignments`,
      name: "/servicePrincipals/{id}/appRoleAssignments",
    },
    assignment,
  );
  return given.some(
    ({ appRoleId, resourceId }) => appRoleId === readWriteOwnedBy && resourceId === graphPrincipalId,
  );
}

const grantSchema = v.object({
  id: v.string(),
  consentType: v.string(),
  resourceId: v.string(),
  scope: v.string(),
});

/** Everybody's consent to what a sign-in asks for; scopes that are granted already stay. */
export const consentWork: StepWork = {
  ...goesWithItsApplication,

  async look(context) {
    const { missing, grant } = await consented(context);
    if (missing.length === 0) return { state: "done" };
    return grant === undefined
      ? { state: "missing" }
      : { state: "differs", detail: `not consented to: ${missing.join(", ")}` };
  },

  async apply(context) {
    const clientId = context.facts.gatePrincipalId;
    if (clientId === undefined) return [];
    const changes: string[] = [];
    await eventually(context, async () => {
      const { missing, grant } = await consented(context);
      if (missing.length === 0) return;
      await grantScopes(context, clientId, missing, grant);
      changes.push(`consented to ${missing.join(", ")}`);
    });
    return changes;
  },
};

async function grantScopes(
  context: SetupContext,
  clientId: string,
  missing: readonly string[],
  grant: v.InferOutput<typeof grantSchema> | undefined,
): Promise<void> {
  if (grant === undefined) {
    const { graphPrincipalId: resourceId } = await tenantOf(context);
    const body = { clientId, consentType: "AllPrincipals", resourceId, scope: missing.join(" ") };
    const call = { path: "/oauth2PermissionGrants", name: "/oauth2PermissionGrants" };
    await graphOf(context).send("POST", call, body);
    return;
  }
  const call = { path: `/oauth2PermissionGrants/${grant.id}`, name: "/oauth2PermissionGrants/{id}" };
  await graphOf(context).send("PATCH", call, { scope: `${grant.scope} ${missing.join(" ")}`.trim() });
}

async function consented(context: SetupContext) {
  const clientId = context.facts.gatePrincipalId;
  if (clientId === undefined) return { missing: [...signInScopes], grant: undefined };
  const { graphPrincipalId } = await tenantOf(context);
  const grants = await graphOf(context).list(
    {
      path: `/oauth2PermissionGrants?$filter=${encodeURIComponent(`clientId eq '${clientId}'`)}`,
      name: "/oauth2PermissionGrants",
    },
    grantSchema,
  );
  const grant = grants.find(
    ({ consentType, resourceId }) => consentType === "AllPrincipals" && resourceId === graphPrincipalId,
  );
  const has = new Set((grant?.scope ?? "").split(" "));
  return { missing: signInScopes.filter((scope) => !has.has(scope)), grant };
}
