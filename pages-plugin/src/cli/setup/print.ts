import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";
import { type Role, type SetupNames, type SetupStep, setupSteps } from "./steps.ts";

export type PrintedAs = "az" | "ticket";

const shapes: Readonly<Record<keyof SetupNames, readonly [RegExp, string]>> = {
  repository: [/^[\w.-]+\/[\w.-]+$/, "owner/name"],
  defaultBranch: [/^[^\s~^:?*[\\]+$/, "a branch's name"],
  environment: [/^[\w.-]{1,100}$/, "letters, digits, '.', '_' and '-'"],
  project: [/^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/, "the Pages project's name"],
  signInHostProject: [/^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/, "a Pages project's name"],
  accountId: [/^[0-9a-f]{32}$/, "32 hex digits"],
};

/**
 * Writes down what a company does once, for whoever may do it.
 *
 * @param as `az`: a script of `az` and `gh` commands; `ticket`: text for a request, split by who may do what
 * @throws CommandFault setup-invalid with everything that is wrong
 */
export function printSetup(names: SetupNames, as: PrintedAs): Outcome {
  const wrong = (Object.keys(shapes) as (keyof SetupNames)[]).filter(
    (key) => !shapes[key][0].test(names[key]),
  );
  if (names.project === names.signInHostProject) wrong.push("signInHostProject");
  if (wrong.length > 0)
    throw new CommandFault(
      "setup-invalid",
      wrong
        .map(
          (key) =>
            `${key} ${JSON.stringify(names[key])} must be ${shapes[key][1]}${key === "signInHostProject" ? ", another than the site's" : ""}.`,
        )
        .join("\n"),
    );
  const steps = setupSteps(names);
  return { text: as === "az" ? script(steps) : ticket(steps, names), data: { names, steps }, exit: 0 };
}

function script(steps: readonly SetupStep[]): string {
  const parts = steps.map(
    ({ title, why, role, shell }) => `# ${title}\n# ${why}\n# Who may: ${role}\n${shell.join("\n")}`,
  );
  return `#!/bin/sh
# Once for a company. Run it in one shell, with az and gh signed in as somebody who may do what each step says; a step
# that somebody else has to do can be cut out and handed on with the values of the variables it uses.
set -eu

${parts.join("\n\n")}`;
}

function ticket(steps: readonly SetupStep[], { repository, project }: SetupNames): string {
  const roles = [...new Set(steps.map(({ role }) => role))];
  const partOf = (role: Role) =>
    steps
      .map((step, index) => ({ ...step, number: index + 1 }))
      .filter((step) => step.role === role)
      .map(({ number, title, why, byHand }) => `${number}. ${title}\n   Why: ${why}\n   How: ${byHand}`);
  return [
    `Request: sign-in for ${project} (${repository}) with Entra Gate`,
    "",
    "What it is for: previews and production of this site are to be seen by the right people of our tenant only. No client secret is",
    "handed to anybody: the action makes and renews it itself. Please do the steps in this order.",
    ...roles.flatMap((role) => ["", `For a ${role}:`, ...partOf(role)]),
    "",
    "Afterwards please send back: the tenant's id and both applications' client ids.",
  ].join("\n");
}
