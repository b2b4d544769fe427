import { ActionError } from "../../../../src/errors.ts";
import { CommandFault } from "../fault.ts";
import type { SetupContext } from "./context.ts";
import { shellWord } from "./shell.ts";
import { aRole, Denied, type Look, type SetupStep } from "./step.ts";

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
        `          limits: it ${step.wont}`,
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
        `Who may: ${aRole(thrown.role ?? step.role)}. Have one of them run`,
        `  entra-gate setup --only ${step.service} ${flagsOf(context)}`,
        "or, where that is not how they work, hand this on as a request:",
        `  entra-gate setup --print ticket ${flagsOf(context)}`,
        "What was done before stays; the same command goes on from there.",
      ].join("\n"),
    );
  // A missing login is the same for all steps of a service.
  if (thrown instanceof CommandFault && thrown.code === "login-missing") return thrown;
  if (thrown instanceof CommandFault) return new CommandFault(thrown.code, `${at}: ${thrown.message}`);
  if (thrown instanceof ActionError) return new CommandFault(thrown.code, `${at}: ${thrown.explanation}`);
  throw thrown;
}

/** With the ids that were found or made, so that whoever goes on elsewhere means the same applications. */
function flagsOf({ names, facts }: SetupContext): string {
  const ids = [
    ["subject", names.subject ?? facts.subject],
    ["tenant-id", names.tenantId ?? facts.tenantId],
    ["gate-client-id", names.gateClientId ?? facts.gateClientId],
    ["automation-client-id", names.automationClientId ?? facts.automationClientId],
    ["test-client-id", names.testClientId ?? facts.testClientId],
  ];
  return [
    ["repository", names.repository],
    ["project", names.project],
    ["sign-in-host-project", names.signInHostProject],
    ["account-id", names.accountId],
    ...(names.defaultBranch === "main" ? [] : [["branch", names.defaultBranch]]),
    ...(names.environment === "entra-gate" ? [] : [["environment", names.environment]]),
    ...(names.testRole === undefined ? [] : [["test-role", names.testRole]]),
    ...ids.filter(([, id]) => id !== undefined),
  ]
    .map(([name, value]) => `--${name} ${shellWord(value ?? "")}`)
    .concat(names.assignmentRequired ? ["--assignment-required"] : [])
    .join(" ");
}

function firstLine(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown);
}
