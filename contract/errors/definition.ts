/** One refusal or fault. The key it stands under in its table is the stable code that logs, pages and audit events carry. */
export interface ErrorDefinition<Text extends string = string> {
  /** HTTP status of the answer; for the action's own errors the exit code is always 1 and this is 0. */
  readonly status: number;
  /** What the visitor reads, in English: gives nothing away. Empty where no visitor ever sees it. */
  readonly visitor: Text;
  /** What the operator reads in log and audit: what happened and what to do. */
  readonly operator: string;
}

export type ErrorTable<Text extends string = string> = Readonly<Record<string, ErrorDefinition<Text>>>;

/** The same without the operator's texts, for where each byte is counted. */
export type AnswerTable<Text extends string = string> = Readonly<
  Record<string, Omit<ErrorDefinition<Text>, "operator">>
>;
