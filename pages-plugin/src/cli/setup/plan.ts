import { ActionError } from "../../../../src/errors.ts";
import { CommandFault } from "../fault.ts";
import type { SetupContext } from "./context.ts";
import { Denied, type Look, type SetupStep } from "./step.ts";

/** A step and what it found; `unseen`: it could not look, and `fault` says why. */
export interface Planned {
  readonly step: SetupStep;
  readonly look: Look | { readonly state: "unseen"; readonly detail: string; readonly fault: CommandFault };
}

/** Looks with every step, in order: a later one may need what an earlier one found. */
export async function planOf(steps: readonly SetupStep[], context: SetupContext): Promise<Planned[]> {
  const plan: Planned[] = [];
  for (const step of steps) {
    try {
      plan.push({ step, look: await step.look(context) });
    } catch (thrown) {
      const fault = faultOf(thrown, step, context);
      plan.push({ step, look: { state: "unseen", detail: firstLine(thrown), fault } });
    }
  }
  return plan;
}

const words: Readonly<Record<Planned["look"]["state"], string>> = {
  done: "done   ",
  missing: "to do  ",
  differs: "to mend",
  waiting: "later  ",
  unseen: "unseen ",
};

/** The plan for people: all about what is to be done, one line for what is done. */
export function planText(plan: readonly Planned[]): string {
  return plan
    .map(({ step, look }) => {
      const line = `${words[look.state]} ${step.title}${look.detail === undefined ? "" : ` (${look.detail})`}`;
      if (look.state === "done") return line;
      return [
        line,
        `          why: ${step.why}`,
        `          who: ${step.role}`,
        `          not: ${step.wont}`,
      ].join("\n");
    })
    .join("\n");
}

/** Whatever a step threw as the one message that ends the command: what was refused, who may, and how to hand it on. */
export function faultOf(thrown: unknown, step: SetupStep, context: SetupContext): CommandFault {
  const at = `“${step.title}”`;
  if (thrown instanceof Denied)
    return new CommandFault(
      "setup-denied",
      [
        `${at} was refused: ${thrown.message}`,
        `Who may: a ${thrown.role ?? step.role}. Have one of them run the same command, with --only ${step.service} where that is all they may, or hand this on:`,
        `  ${printCommand(context)}`,
        "What was done before stays; the same command goes on from there.",
      ].join("\n"),
    );
  if (thrown instanceof CommandFault) return new CommandFault(thrown.code, `${at}: ${thrown.message}`);
  if (thrown instanceof ActionError) return new CommandFault(thrown.code, `${at}: ${thrown.explanation}`);
  throw thrown;
}

function printCommand({ names }: SetupContext): string {
  return `entra-gate setup --print ticket --repository ${names.repository} --project ${names.project} --sign-in-host-project ${names.signInHostProject} --account-id ${names.accountId}`;
}

function firstLine(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown);
}
