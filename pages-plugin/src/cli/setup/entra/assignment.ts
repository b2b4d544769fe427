import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import type { StepWork } from "../step.ts";
import { vetted } from "./application-step.ts";
import { principalByClientId } from "./applications.ts";
import { eventually, GraphRefused, graphOf } from "./graph.ts";
import { readGroups } from "./policy-file.ts";

/** No role: default access. Source: Graph v1.0, appRoleAssignment resource type. */
const defaultAccess = "00000000-0000-0000-0000-000000000000";
const assignmentSchema = v.object({ principalId: v.string(), appRoleId: v.string() });

/** Ends with the service principal. */
const goesWithItsApplication = { made: async () => [], remove: async () => {} };

/** The policy's groups are assigned to the gate first, and only then is assignment required: nobody is shut out. */
export const assignmentWork: StepWork = {
  ...goesWithItsApplication,

  async look(context) {
    const groups = readGroups(context.policyFile);
    if (groups === undefined) return { state: "waiting", detail: "there is no gate.json yet" };
    const { gateClientId } = context.facts;
    const principal = gateClientId && (await principalByClientId(context, gateClientId));
    if (!principal) return { state: "missing" };
    const left = await unassigned(context, principal.id);
    if (left.length > 0) return { state: "missing", detail: left.map(({ name }) => name).join(", ") };
    return principal.appRoleAssignmentRequired
      ? { state: "done" }
      : { state: "differs", detail: "everybody in the tenant may sign in" };
  },

  async apply(context) {
    const resourceId = context.facts.gatePrincipalId;
    if (resourceId === undefined) return [];
    const changes: string[] = [];
    for (const { name, id } of await unassigned(context, resourceId)) {
      await assign(context, { principalId: id, resourceId, appRoleId: defaultAccess }, name);
      changes.push(`${name} is assigned`);
    }
    const call = { path: `/servicePrincipals/${resourceId}`, name: "/servicePrincipals/{id}" };
    await graphOf(context).send("PATCH", call, { appRoleAssignmentRequired: true });
    return [...changes, "assignment is required"];
  },
};

/** The test application has its role as soon as the action has made it of the policy. */
export const testRoleWork: StepWork = {
  ...goesWithItsApplication,

  async look(context) {
    const { testPrincipalId, gatePrincipalId } = context.facts;
    const gate = await vetted(context, "gate");
    if (gate === undefined || testPrincipalId === undefined || gatePrincipalId === undefined)
      return { state: "missing" };
    const role = roleOf(context, gate.appRoles);
    if (role === undefined)
      return {
        state: "waiting",
        detail: `the gate application has no role ${context.names.testRole} yet: the action's next run makes it of gate.json; then run this again`,
      };
    const given = await assignedTo(context, gatePrincipalId);
    const there = given.some((one) => one.principalId === testPrincipalId && one.appRoleId === role.id);
    return { state: there ? "done" : "missing" };
  },

  async apply(context) {
    const { testPrincipalId: principalId, gatePrincipalId: resourceId } = context.facts;
    const gate = await vetted(context, "gate");
    const role = roleOf(context, gate?.appRoles ?? []);
    if (role === undefined || principalId === undefined || resourceId === undefined) return [];
    await assign(context, { principalId, resourceId, appRoleId: role.id }, "the test application");
    return [`the test application has ${context.names.testRole}`];
  },
};

function roleOf(
  { names }: SetupContext,
  roles: readonly { id: string; value?: string | null | undefined; isEnabled: boolean }[],
) {
  return roles.find(({ value, isEnabled }) => isEnabled && value === names.testRole);
}

async function unassigned(context: SetupContext, principalId: string) {
  const ids = readGroups(context.policyFile)?.ids ?? {};
  const there = new Set((await assignedTo(context, principalId)).map((one) => one.principalId));
  return Object.entries(ids)
    .map(([name, id]) => ({ name, id: id.toLowerCase() }))
    .filter(({ id }) => !there.has(id));
}

function assignedTo(context: SetupContext, principalId: string) {
  return graphOf(context).list(
    {
      path: `/servicePrincipals/${principalId}/appRoleAssignedTo`,
      name: "/servicePrincipals/{id}/appRoleAssignedTo",
    },
    assignmentSchema,
  );
}

async function assign(
  context: SetupContext,
  body: { readonly principalId: string; readonly resourceId: string; readonly appRoleId: string },
  whom: string,
): Promise<void> {
  const call = {
    path: `/servicePrincipals/${body.resourceId}/appRoleAssignedTo`,
    name: "/servicePrincipals/{id}/appRoleAssignedTo",
  };
  try {
    await eventually(context, async () => {
      const given = await assignedTo(context, body.resourceId);
      const there = given.some(
        ({ principalId, appRoleId }) => principalId === body.principalId && appRoleId === body.appRoleId,
      );
      if (!there) await graphOf(context).send("POST", call, body);
    });
  } catch (thrown) {
    if (!(thrown instanceof GraphRefused)) throw thrown;
    throw new CommandFault(
      "assignment-refused",
      `${whom} can't be assigned: ${thrown.message}. Assign it in the admin center (Enterprise applications > Entra Gate > Users and groups; groups need P1), then run this again.`,
    );
  }
}
