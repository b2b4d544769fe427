/** What a command has to tell: to a person, to a program (`--json`), and to a script. */
export interface Outcome {
  readonly text: string;
  readonly data: unknown;
  /** 0: as it should be. 1: it is not, or the command failed. 2: words that it does not know. 3: it can't be told. */
  readonly exit: 0 | 1 | 3;
}
