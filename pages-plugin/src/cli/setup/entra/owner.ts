import type { SetupContext } from "../context.ts";
import type { StepWork } from "../step.ts";
import { vetted } from "./application-step.ts";
import { ownersOf } from "./applications.ts";
import { eventually, graphOf } from "./graph.ts";

/** The automation's service principal owns the gate application and its service principal, beside whoever else does. */
export const ownerWork: StepWork = {
  async look(context) {
    const { missing, known } = await unowned(context);
    if (!known || missing.length === 2) return { state: "missing" };
    return missing.length === 0
      ? { state: "done" }
      : { state: "differs", detail: `it owns one of the two, not ${missing[0]?.what}` };
  },

  async apply(context) {
    const { missing } = await unowned(context);
    const reference = {
      "@odata.id": `${context.origins.graph}/v1.0/directoryObjects/${context.facts.automationPrincipalId}`,
    };
    for (const { at } of missing) {
      const call = { path: `${at}/owners/$ref`, name: `${at.replace(/\/[^/]+$/, "/{id}")}/owners/$ref` };
      await eventually(context, async () => {
        const owners = await ownersOf(context, at);
        if (owners.some(({ id }) => id === context.facts.automationPrincipalId)) return;
        await graphOf(context).send("POST", call, reference);
      });
    }
    return missing.map(({ what }) => `owner of ${what}`);
  },

  // Ownership ends with either application.
  made: async () => [],
  remove: async () => {},
};

async function unowned(context: SetupContext) {
  const { automationPrincipalId, gatePrincipalId } = context.facts;
  const gate = await vetted(context, "gate");
  if (gate === undefined || gatePrincipalId === undefined || automationPrincipalId === undefined)
    return { missing: [], known: false };
  const things = [
    { at: `/applications/${gate.id}`, what: "the application" },
    { at: `/servicePrincipals/${gatePrincipalId}`, what: "its service principal" },
  ];
  const missing: typeof things = [];
  for (const thing of things) {
    const owners = await ownersOf(context, thing.at);
    if (!owners.some(({ id }) => id === automationPrincipalId)) missing.push(thing);
  }
  return { missing, known: true };
}
