import type { SetupContext } from "./context.ts";
import type { Service } from "./names.ts";

/** Who may do a step: directory roles of Entra, or whoever administers the other services. */
export type Role =
  | "Application Developer"
  | "Cloud Application Administrator"
  | "Privileged Role Administrator"
  | "Cloudflare Super Administrator"
  | "GitHub repository administrator"
  | "developer of the site";

/** "a GitHub repository administrator", "an Application Developer" */
export function aRole(role: Role): string {
  return `${/^[AEIOU]/.test(role) ? "an" : "a"} ${role}`;
}

/** A step in words: the same for `--print`, for the plan that is shown, and for errors. */
export interface StepText {
  /** Stable, kebab-case: `gate-application`. */
  readonly id: string;
  /** Whose login it needs; `--only` chooses by it. */
  readonly service: Service;
  /** What it does, as an order: "Register the gate application". */
  readonly title: string;
  readonly why: string;
  /** What it does not do, for whoever is afraid of it; goes on from "it": "gives it no secret". */
  readonly wont: string;
  readonly role: Role;
  /** Lines for a POSIX shell, with `az` or `gh` signed in; values of earlier steps are in variables. */
  readonly shell: readonly string[];
  /** The same for somebody who works in a browser. */
  readonly byHand: string;
}

/** What a step found when it looked. */
export type Look =
  | { readonly state: "done"; readonly detail?: string }
  | { readonly state: "missing"; readonly detail?: string }
  /** It is there and not as it should be; `detail` names what. */
  | { readonly state: "differs"; readonly detail: string }
  /** Something outside of setup has to happen first, such as the action's first run; no failure. */
  | { readonly state: "waiting"; readonly detail: string };

/**
 * One thing that a company does once. Nothing is remembered between runs: each step finds out for itself.
 *
 * All of these throw Denied where the service refuses for want of a right, CommandFault for what only a person can mend,
 * and let ActionError of the HTTP client pass.
 */
export interface SetupStep extends StepText {
  /**
   * Reads the current state, changes nothing, and writes what later steps need into `context.facts`. Where a fact that it
   * needs itself is not known yet, because an earlier step is still to be done, the answer is `missing`.
   */
  look(context: SetupContext): Promise<Look>;
  /**
   * Called after a look that found `missing` or `differs`. Safe to repeat after any interruption. The runner looks again
   * afterwards, several times, until it is `done`.
   * @returns what was changed, in words for the summary
   */
  apply(context: SetupContext): Promise<readonly string[]>;
  /**
   * What setup itself has made here and `remove` would take away, in words; empty where there is nothing of it. What is not
   * marked as made by setup is not its own.
   */
  made(context: SetupContext): Promise<readonly string[]>;
  /** Takes away what `made` names and nothing else. Safe to repeat. */
  remove(context: SetupContext): Promise<void>;
}

/** What a step does, apart from its words. */
export type StepWork = Omit<SetupStep, keyof StepText>;

/** The service knows who is asking and says no. */
export class Denied extends Error {
  override readonly name = "Denied";
  /** Who may, where that is another than the step's own role. */
  readonly role: Role | undefined;

  /** @param said service, call, status and the service's own code; no secret */
  constructor(said: string, role?: Role) {
    super(said);
    this.role = role;
  }
}
