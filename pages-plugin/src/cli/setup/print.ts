import type { Outcome } from "../outcome.ts";
import { checkNames, type SetupNames } from "./names.ts";
import { aRole, type Role, type StepText } from "./step.ts";
import { setupSteps } from "./steps.ts";

export type PrintedAs = "az" | "ticket";

/**
 * Writes down what a company does once, for whoever may do it.
 *
 * @param as `az`: a script of `az` and `gh` commands; `ticket`: text for a request, split by who may do what
 * @throws CommandFault setup-invalid with everything that is wrong
 */
export function printSetup(names: SetupNames, as: PrintedAs): Outcome {
  checkNames(names);
  const steps = setupSteps(names);
  return { text: as === "az" ? script(steps) : ticket(steps, names), data: { names, steps }, exit: 0 };
}

function script(steps: readonly StepText[]): string {
  const parts = steps.map(
    ({ title, why, role, shell }) => `# ${title}\n# ${why}\n# Who may: ${role}\n${shell.join("\n")}`,
  );
  return `#!/bin/sh
# Once for a company. Run it in one shell, with az and gh signed in as somebody who may do what each step says; a step
# that somebody else has to do can be cut out and handed on with the values of the variables it uses.
set -eu

${parts.join("\n\n")}`;
}

function ticket(steps: readonly StepText[], names: SetupNames): string {
  const { repository, project } = names;
  const roles = [...new Set(steps.map(({ role }) => role))];
  const partOf = (role: Role) =>
    steps
      .map((step, index) => ({ ...step, number: index + 1 }))
      .filter((step) => step.role === role)
      .map(
        ({ number, title, why, wont, byHand }) =>
          `${number}. ${title}\n   Why: ${why}\n   Limits: it ${wont}.\n   How: ${byHand}`,
      );
  return [
    `Request: sign-in for ${project} (${repository}) with Entra Gate`,
    "",
    "What it is for: previews and production of this site are to be seen by the right people of our tenant only. No client secret is",
    "handed to anybody: the action makes and renews it itself. Please do the steps in this order.",
    ...known(names),
    ...roles.flatMap((role) => ["", `For ${aRole(role)}:`, ...partOf(role)]),
    "",
    "Afterwards please send back: the tenant's id and both applications' client ids.",
  ].join("\n");
}

/** What is there already, so that nobody makes it twice. */
function known({ tenantId, gateClientId, automationClientId, testClientId }: SetupNames): string[] {
  const things: readonly (readonly [string, string | undefined])[] = [
    ["tenant", tenantId],
    ["Entra Gate is application", gateClientId],
    ["Entra Gate automation is application", automationClientId],
    ["Entra Gate test is application", testClientId],
  ];
  const there = things.flatMap(([what, id]) => (id === undefined ? [] : [`${what} ${id}`]));
  return there.length === 0 ? [] : [`Already there: ${there.join("; ")}.`];
}
