import type { FaultCode } from "./fault-texts.ts";

/** What ends the command: one message that says what is wrong and what to do. */
export class CommandFault extends Error {
  override readonly name = "CommandFault";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}
