/** What ends the command: one message that says what is wrong and what to do. */
export class CommandFault extends Error {
  override readonly name = "CommandFault";
  /** Stable, kebab-case. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
