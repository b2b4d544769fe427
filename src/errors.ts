import { type ActionErrorCode, actionErrors } from "../contract/errors/action.ts";

/** What ends a run: a stable code, and the particulars that the operator needs beside the code's own text. */
export class ActionError extends Error {
  override readonly name = "ActionError";
  readonly code: ActionErrorCode;
  /** Which service, call, file or setting; never a secret. Empty where the code says all. */
  readonly detail: string;

  /**
   * @param code a key of contract/errors/action.ts
   * @param detail particulars, one line or several
   */
  constructor(code: ActionErrorCode, detail = "", options?: ErrorOptions) {
    super(`${code}: ${actionErrors[code].operator}${detail === "" ? "" : ` ${detail}`}`, options);
    this.code = code;
    this.detail = detail;
  }

  /** The text for annotation, summary and comment: what happened, what to do, the particulars. */
  get explanation(): string {
    const { operator } = actionErrors[this.code];
    return this.detail === "" ? operator : `${operator}\n${this.detail}`;
  }
}

/** Whatever was thrown, as an ActionError: what is not one is a fault of the action. */
export function asActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ActionError("unexpected-fault", text, { cause: thrown });
}
