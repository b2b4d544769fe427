import { type ActionErrorCode, actionErrors } from "../contract/errors/action.ts";

/** Which call of which service failed, and what its caller lacks. No secret. */
export interface Asked {
  /** Whom the operator knows it as: `Microsoft Graph`. */
  readonly service: string;
  /** `PATCH /applications/{id}` */
  readonly call: string;
  /** Permission or setting without which it can't be done. */
  readonly needs?: string;
  /** Who may grant it. */
  readonly grantedBy?: string;
}

interface ActionErrorOptions extends ErrorOptions {
  readonly asked?: Asked;
}

/** What ends a run: a stable code, and the particulars that the operator needs beside the code's own text. */
export class ActionError extends Error {
  override readonly name = "ActionError";
  readonly code: ActionErrorCode;
  /** Which service, call, file or setting; never a secret. Empty where the code says all. */
  readonly detail: string;
  /** Where it was a service that failed or refused. */
  readonly asked: Asked | undefined;

  /**
   * @param code a key of contract/errors/action.ts
   * @param detail particulars, one line or several
   */
  constructor(code: ActionErrorCode, detail = "", { asked, ...options }: ActionErrorOptions = {}) {
    const whole = [detail, grantOf(asked)].filter((part) => part !== "").join("\n");
    super(`${code}: ${actionErrors[code].operator}${whole === "" ? "" : ` ${whole}`}`, options);
    this.code = code;
    this.detail = whole;
    this.asked = asked;
  }

  /** The text for annotation, summary and comment: what happened, what to do, the particulars. */
  get explanation(): string {
    const { operator } = actionErrors[this.code];
    return this.detail === "" ? operator : `${operator}\n${this.detail}`;
  }
}

function grantOf({ needs, grantedBy }: Partial<Asked> = {}): string {
  if (needs === undefined) return "";
  return `It takes ${needs}${grantedBy === undefined ? "" : `; who may grant it: ${grantedBy}`}.`;
}

/** Whatever was thrown, as an ActionError: what is not one is a fault of the action. */
export function asActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ActionError("unexpected-fault", text, { cause: thrown });
}
